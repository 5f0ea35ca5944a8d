# make          builds everything, then runs the demonstration
# make build    only builds
# make test     builds and runs every test and rule
# make clean    removes what was built
SHELL := /bin/bash
MVN_FLAGS ?=

# Maven runs on the JDK it compiles for; the flags only keep its own libraries quiet there.
maven = jdk=$$(scripts/jdk.sh) && JAVA_HOME="$$jdk" \
	MAVEN_OPTS="--enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow $$MAVEN_OPTS" \
	mvn --batch-mode --no-transfer-progress -Dstyle.color=never $(MVN_FLAGS)

.PHONY: all build test clean

all: build
	bin/demo

build:
	@$(maven) -q -DskipTests package
	@scripts/start-cache

test:
	@$(maven) verify

clean:
	@$(maven) -q clean
