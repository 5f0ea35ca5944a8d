#!/usr/bin/env bash
# Prints the home of a JDK 25 or newer: JAVA_HOME if it is one, else the `java` on the PATH, else the usual folders.
# Says in one line what to do when none fits. Usage: JAVA_HOME=$(scripts/jdk.sh)
set -euo pipefail
wanted=25

# The feature release of the JDK in folder $1; nothing when it is no JDK (a JRE has no javac).
release_of() {
  [[ -x $1/bin/java && -x $1/bin/javac ]] || return 0
  local version=
  if [[ -r $1/release ]]; then
    version=$(sed -n 's/^JAVA_VERSION="\([0-9]*\).*/\1/p' "$1/release")
  fi
  if [[ -z $version ]]; then
    version=$("$1/bin/java" -version 2>&1 | sed -n 's/.* version "\([0-9]*\).*/\1/p' | head -1)
  fi
  printf '%s' "$version"
}

fits() {
  local release
  release=$(release_of "$1")
  [[ -n $release && $release -ge $wanted ]]
}

if [[ -n ${JAVA_HOME:-} ]] && fits "$JAVA_HOME"; then
  echo "$JAVA_HOME"
  exit 0
fi
if found=$(command -v java); then
  home=$(dirname "$(dirname "$(readlink -f "$found")")")
  if fits "$home"; then
    echo "$home"
    exit 0
  fi
fi
shopt -s nullglob
for home in /usr/lib/jvm/*25* /usr/lib/jvm/* /opt/*25* /opt/*jdk* /opt/*java* "${HOME:-}"/.sdkman/candidates/java/* \
  "${HOME:-}"/.jdks/* /Library/Java/JavaVirtualMachines/*/Contents/Home; do
  if fits "$home"; then
    echo "$home"
    exit 0
  fi
done
echo "quorate: needs a JDK $wanted or newer and found none: install one (Debian: apt-get install openjdk-$wanted-jdk-headless) or set JAVA_HOME to its folder" >&2
exit 1
