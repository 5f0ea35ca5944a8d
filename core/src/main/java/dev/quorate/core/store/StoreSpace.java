package dev.quorate.core.store;

import dev.quorate.core.store.index.IndexArena;

/**
 * How much room a store has. Any thread may ask.
 */
public final class StoreSpace
{
    /** Bytes beyond its bound that the index has for commands which were admitted below it. */
    public static final long INDEX_SLACK_BYTES = IndexArena.SLACK_BYTES;

    private final Views views;
    private final SpaceReserve reserve;
    private final long nearlyFullBytes;

    StoreSpace(final Views views, final SpaceReserve reserve, final long maxIndexBytes)
    {
        this.views = views;
        this.reserve = reserve;
        this.nearlyFullBytes = IndexArena.roomWhenNearlyFull(maxIndexBytes);
    }

    /**
     * @return true from the first time that the disk was full until the room that is held back is whole again: what is
     * applied still finds its place, but only commands that free space should be admitted.
     */
    public boolean isShortOfDisk()
    {
        return reserve.isShort();
    }

    /**
     * @return true while the disk is full and what is applied cannot be written: nothing should be admitted.
     */
    public boolean isOutOfDisk()
    {
        return reserve.isOut();
    }

    /**
     * @return bytes by which the index may grow after the newest entry that is visible; negative beyond its bound.
     */
    public long indexRoomBytes()
    {
        return views.current().published.indexRoomBytes.getAcquire();
    }

    /**
     * @return true if commands that add keys must be refused before they are proposed.
     */
    public boolean isIndexNearlyFull()
    {
        return indexRoomBytes() < nearlyFullBytes;
    }
}
