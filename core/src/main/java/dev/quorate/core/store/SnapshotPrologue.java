package dev.quorate.core.store;

/**
 * Layout of a snapshot on its way to a peer, little-endian: what it is, then the bytes of its files one after the
 * other.
 * <pre>
 *  0 i64 magic        8 i64 length of the prologue, checksum included     16 i64 clusterId
 * 24 i64 lp          32 i64 raftIndex    40 i64 term    48 i64 main revision    56 i64 compact revision
 * 64 i64 compact bound    72 i64 stream hash    80 i64 number of files
 * 88 of each file: i64 baseLp, i64 endLp (-1: it is cut at the mark and has no footer), i64 flags (1 rewritten),
 *    i64 length (bytes, page 0 included), i64 number of words of dead bits
 *    the words of all files, i32 crc32c of everything before
 * </pre>
 */
final class SnapshotPrologue
{
    static final long MAGIC = 0x31504E5345524F51L;
    static final int LENGTH_OFFSET = 8;
    static final int CLUSTER_OFFSET = 16;
    static final int LP_OFFSET = 24;
    static final int RAFT_INDEX_OFFSET = 32;
    static final int TERM_OFFSET = 40;
    static final int MAIN_OFFSET = 48;
    static final int COMPACT_REVISION_OFFSET = 56;
    static final int COMPACT_BOUND_OFFSET = 64;
    static final int STREAM_HASH_OFFSET = 72;
    static final int COUNT_OFFSET = 80;
    static final int HEADER_LENGTH = 88;
    static final int ENTRY_LENGTH = 40;
    static final int BASE_LP = 0;
    static final int END_LP = 8;
    static final int FLAGS = 16;
    static final int LENGTH = 24;
    static final int DEAD_WORDS = 32;
    /** Bound of a prologue: dead bits of two thousand million records. */
    static final int LENGTH_MAX = 256 * 1024 * 1024;

    private SnapshotPrologue()
    {
    }
}
