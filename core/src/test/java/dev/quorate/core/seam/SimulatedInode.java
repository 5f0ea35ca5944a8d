package dev.quorate.core.seam;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Content of one simulated file: pages that exist only where something was written. Each page has the version that is
 * certainly on the device, at most one that may have been written back, and the newest. A version is never changed once
 * it is shared between them.
 */
final class SimulatedInode
{
    static final int PAGE = 4096;
    static final int SECTOR = 512;
    private static final byte[] ZEROS = new byte[PAGE];

    /** A piece of memory that shows a range of the file. */
    static final class View
    {
        final UnsafeBuffer buffer;
        final long position;
        final int length;

        View(final UnsafeBuffer buffer, final long position, final int length)
        {
            this.buffer = buffer;
            this.position = position;
            this.length = length;
        }
    }

    private static final class Page
    {
        byte[] durable = ZEROS;
        byte[] captured;
        byte[] syncing;
        byte[] newest = ZEROS;
        boolean isNewestShared = true;
    }

    private final BitSet dirty = new BitSet();
    private final List<View> views = new ArrayList<>();
    private Page[] pages = new Page[8];
    private long length;
    private long durableLength;
    private int opened;
    private int lostPages;

    long length()
    {
        return length;
    }

    boolean isOpen()
    {
        return opened > 0;
    }

    void open()
    {
        opened++;
    }

    void close()
    {
        opened--;
    }

    /** Whatever the process had open or mapped is gone with it. */
    void forgetProcess()
    {
        views.clear();
        opened = 0;
    }

    /** Length and zeros that are durable from the start, as {@link Disk#createRegion} promises. */
    void allocate(final long newLength)
    {
        length = newLength;
        durableLength = newLength;
    }

    void growTo(final long newLength)
    {
        length = Math.max(length, newLength);
    }

    void truncate(final long newLength)
    {
        for (long position = newLength; position < length; )
        {
            final int chunk = (int)Math.min(length - position, PAGE - position % PAGE);
            final int number = (int)(position / PAGE);
            if (number < pages.length && pages[number] != null)
            {
                final byte[] bytes = writable(number);
                Arrays.fill(bytes, (int)(position % PAGE), (int)(position % PAGE) + chunk, (byte)0);
                show(position, ZEROS, 0, chunk, null);
            }
            position += chunk;
        }
        length = newLength;
    }

    void write(final long position, final DirectBuffer source, final int offset, final int count, final View origin)
    {
        int done = 0;
        while (done < count)
        {
            final long at = position + done;
            final int inPage = (int)(at % PAGE);
            final int chunk = Math.min(count - done, PAGE - inPage);
            final byte[] bytes = writable((int)(at / PAGE));

            source.getBytes(offset + done, bytes, inPage, chunk);
            show(at, bytes, inPage, chunk, origin);
            done += chunk;
        }
    }

    void read(final long position, final MutableDirectBuffer destination, final int offset, final int count)
    {
        int done = 0;
        while (done < count)
        {
            final long at = position + done;
            final int inPage = (int)(at % PAGE);
            final int chunk = Math.min(count - done, PAGE - inPage);
            final int number = (int)(at / PAGE);
            final Page page = number < pages.length ? pages[number] : null;

            destination.putBytes(offset + done, page == null ? ZEROS : page.newest, inPage, chunk);
            done += chunk;
        }
    }

    void readDurable(final long position, final byte[] into)
    {
        Arrays.fill(into, (byte)0);
        for (int done = 0; done < into.length; )
        {
            final long at = position + done;
            final int inPage = (int)(at % PAGE);
            final int chunk = Math.min(into.length - done, PAGE - inPage);
            final int number = (int)(at / PAGE);
            if (number < pages.length && pages[number] != null)
            {
                System.arraycopy(pages[number].durable, inPage, into, done, chunk);
            }
            done += chunk;
        }
    }

    /** How many pages the power cut that left this content took back. */
    int lostPages()
    {
        return lostPages;
    }

    View view(final UnsafeBuffer buffer, final long position, final int count)
    {
        for (int number = (int)(position / PAGE); number < pages.length; number++)
        {
            final long at = (long)number * PAGE - position;
            if (at >= count)
            {
                break;
            }
            if (pages[number] != null)
            {
                buffer.putBytes((int)at, pages[number].newest, 0, (int)Math.min(PAGE, count - at));
            }
        }

        final View view = new View(buffer, position, count);
        views.add(view);
        return view;
    }

    void drop(final View view)
    {
        views.remove(view);
    }

    View viewOf(final UnsafeBuffer buffer)
    {
        for (final View view : views)
        {
            if (view.buffer == buffer)
            {
                return view;
            }
        }

        throw new IllegalStateException("not mapped");
    }

    /** The kernel writes one dirty page back on its own account. */
    void capture(final Rng rng)
    {
        if (dirty.isEmpty())
        {
            return;
        }
        int number = dirty.nextSetBit(rng.nextInt(dirty.length()));
        if (number < 0)
        {
            number = dirty.nextSetBit(0);
        }
        captureOne(pages[number]);
    }

    void captureAt(final long position)
    {
        final int number = (int)(position / PAGE);
        if (dirty.get(number))
        {
            captureOne(pages[number]);
        }
    }

    void startSync(final long position, final long count)
    {
        final int end = (int)((position + count + PAGE - 1) / PAGE);
        for (int i = dirty.nextSetBit((int)(position / PAGE)); i >= 0 && i < end; i = dirty.nextSetBit(i + 1))
        {
            pages[i].syncing = pages[i].newest;
            pages[i].isNewestShared = true;
        }
    }

    void finishSync(final long position, final long count)
    {
        final int end = (int)((position + count + PAGE - 1) / PAGE);
        for (int i = dirty.nextSetBit((int)(position / PAGE)); i >= 0 && i < end; i = dirty.nextSetBit(i + 1))
        {
            final Page page = pages[i];
            if (page.syncing == null)
            {
                continue;
            }
            page.durable = page.syncing;
            page.syncing = null;
            page.captured = null;
            if (page.newest == page.durable)
            {
                dirty.clear(i);
            }
        }
    }

    void syncAll()
    {
        startSync(0, (long)pages.length * PAGE);
        finishSync(0, (long)pages.length * PAGE);
        durableLength = length;
    }

    /** What the device holds after a power cut. */
    SimulatedInode afterCrash(final Rng rng)
    {
        final SimulatedInode after = new SimulatedInode();
        after.pages = new Page[pages.length];
        after.length = durableLength == length || rng.nextInt(2) == 0 ? durableLength : length;
        for (int i = 0; i < pages.length; i++)
        {
            if (pages[i] != null)
            {
                final Page page = new Page();
                page.durable = dirty.get(i) ? survivor(pages[i], rng) : pages[i].durable;
                page.newest = page.durable;
                after.pages[i] = page;
                after.lostPages += Arrays.equals(page.durable, pages[i].newest) ? 0 : 1;
            }
        }
        after.durableLength = after.length;
        after.clearBehindEnd();

        return after;
    }

    void flipBit(final long bit)
    {
        final long position = bit / 8;
        final int number = (int)(position / PAGE);
        final byte[] bytes = writable(number);

        bytes[(int)(position % PAGE)] ^= (byte)(1 << (bit % 8));
        show(position, bytes, (int)(position % PAGE), 1, null);
        startSync(position, 1);
        finishSync(position, 1);
    }

    private void clearBehindEnd()
    {
        for (int i = 0; i < pages.length; i++)
        {
            final long start = (long)i * PAGE;
            if (pages[i] != null && start + PAGE > length)
            {
                final byte[] bytes = pages[i].durable.clone();
                Arrays.fill(bytes, (int)Math.max(0, length - start), PAGE, (byte)0);
                pages[i].durable = bytes;
                pages[i].newest = bytes;
            }
        }
    }

    private void captureOne(final Page page)
    {
        page.captured = page.newest;
        page.isNewestShared = true;
    }

    private byte[] writable(final int number)
    {
        if (number >= pages.length)
        {
            pages = Arrays.copyOf(pages, Math.max(number + 1, pages.length * 2));
        }
        Page page = pages[number];
        if (page == null)
        {
            page = new Page();
            pages[number] = page;
        }
        if (page.isNewestShared)
        {
            page.newest = page.newest.clone();
            page.isNewestShared = false;
        }
        dirty.set(number);

        return page.newest;
    }

    private void show(final long position, final byte[] bytes, final int from, final int count, final View origin)
    {
        for (int i = 0; i < views.size(); i++)
        {
            final View view = views.get(i);
            final long start = Math.max(position, view.position);
            final long end = Math.min(position + count, view.position + view.length);
            if (view != origin && start < end)
            {
                view.buffer.putBytes(
                    (int)(start - view.position), bytes, from + (int)(start - position), (int)(end - start));
            }
        }
    }

    private static byte[] survivor(final Page page, final Rng rng)
    {
        final byte[][] versions = {
            page.durable,
            page.newest,
            page.captured == null ? page.durable : page.captured,
            page.syncing == null ? page.newest : page.syncing};
        final int whole = rng.nextInt(8);
        if (whole < versions.length)
        {
            return versions[whole].clone();
        }

        final byte[] bytes = new byte[PAGE];
        for (int sector = 0; sector < PAGE; sector += SECTOR)
        {
            System.arraycopy(versions[rng.nextInt(versions.length)], sector, bytes, sector, SECTOR);
        }

        return bytes;
    }
}
