package dev.quorate.core.log;

/**
 * Layout of the term file: two slots of a page each. The newer sequence counts; a record is written to the slot that
 * does not hold the newest, and when that is synced to the other one as well, so that rot of either slot takes nothing
 * back.
 * <pre>
 *     0  int64  magic            8  int32  version          12  int32  CRC32C over bytes 16 to 96
 *    16  int64  cluster id      24  int64  store id         32  int64  boot id
 *    40  int64  sequence        48  int64  term             56  int64  member voted for, 0: none
 *    64  int64  commit index    72  int64  watermark        80  int32  chain CRC at the watermark    84  int32  0
 *    88  int64  reserved, 0
 * </pre>
 */
final class TermSlotDescriptor
{
    /** "QUORTRM1" as bytes in file order. */
    static final long MAGIC = 0x314D5254524F5551L;
    static final int VERSION = 1;
    static final int SLOT_LENGTH = 4096;
    static final int SLOT_COUNT = 2;
    static final int FILE_LENGTH = SLOT_COUNT * SLOT_LENGTH;

    static final int MAGIC_OFFSET = 0;
    static final int VERSION_OFFSET = 8;
    static final int CRC_OFFSET = 12;
    static final int CLUSTER_ID_OFFSET = 16;
    static final int STORE_ID_OFFSET = 24;
    static final int BOOT_ID_OFFSET = 32;
    static final int SEQUENCE_OFFSET = 40;
    static final int TERM_OFFSET = 48;
    static final int VOTED_FOR_OFFSET = 56;
    static final int COMMIT_INDEX_OFFSET = 64;
    static final int WATERMARK_OFFSET = 72;
    static final int CHAIN_CRC_OFFSET = 80;
    static final int LENGTH = 96;

    private TermSlotDescriptor()
    {
    }
}
