package dev.quorate.core.peer;

import dev.quorate.core.entry.EntryDescriptor;
import dev.quorate.core.seam.ManualClock;
import dev.quorate.core.seam.PeerLink;
import dev.quorate.core.seam.StorageFault;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32C;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * The peer classes of one member over links in memory, with a log in memory.
 */
final class TestMember implements EntrySource
{
    static final int MAX_ENTRY_LENGTH = 4 * 1024 * 1024;

    /** Time of all members, nanoseconds. */

    final MemoryNetwork.Link link;
    final RecordedEvents events = new RecordedEvents();
    final PeerCounters counters = new PeerCounters();
    final PeerRegistry registry;
    final PeerMessages messages;
    final PeerReceiver receiver;
    final List<String> reports = new ArrayList<>();
    final List<byte[]> payloads = new ArrayList<>();
    final List<Long> terms = new ArrayList<>();
    long boundStoreId;
    /** Entry whose bytes on the disk changed, and which of its bytes. */
    long damagedIndex;
    int damagedAt;
    private final ManualClock clock;

    TestMember(final MemoryNetwork network, final ManualClock clock, final PeerIdentity self)
    {
        this.clock = clock;
        link = network.open(self.memberId());
        final PeerMonitor monitor = new PeerMonitor()
        {
            @Override
            public void onPeerUnheard(final long memberId, final String endpoint, final long unheardNs)
            {
                reports.add("unheard " + memberId + ' ' + endpoint + ' ' + unheardNs / 1_000_000_000L);
            }

            @Override
            public void onPeerHeard(final long memberId, final long unheardNs)
            {
                reports.add("heard " + memberId);
            }

            @Override
            public void onSessionRefused(final long memberId, final PeerDrop cause)
            {
                reports.add("refused " + memberId + ' ' + cause);
            }
        };
        registry = new PeerRegistry(link, clock, self,
            (memberId, storeId) -> boundStoreId != 0 && boundStoreId != storeId,
            events, monitor, counters, MAX_ENTRY_LENGTH);
        messages = new PeerMessages(registry, this);
        receiver = new PeerReceiver(registry, events);
    }

    void append(final long term, final byte[] payload)
    {
        payloads.add(payload);
        terms.add(term);
    }

    void turn()
    {
        registry.doWork(clock.nowNs);
        poll();
    }

    void poll()
    {
        link.poll(PeerLink.CONTROL, receiver, 64);
        link.poll(PeerLink.BULK, receiver, 64);
    }

    /** Runs members until all hellos are answered. */
    static void settle(final TestMember... members)
    {
        for (int i = 0; i < 6; i++)
        {
            for (final TestMember member : members)
            {
                member.turn();
            }
        }
        for (final TestMember member : members)
        {
            member.events.lines.clear();
        }
    }

    @Override
    public DirectBuffer buffer(final long index)
    {
        final byte[] payload = payloads.get((int)index - 1);
        final UnsafeBuffer entry = new UnsafeBuffer(new byte[EntryDescriptor.HEADER_LENGTH + payload.length]);
        entry.putLong(EntryDescriptor.INDEX_OFFSET, index);
        entry.putLong(EntryDescriptor.TERM_OFFSET, term(index));
        entry.putInt(EntryDescriptor.TYPE_OFFSET, 1 + (int)(index % 3));
        entry.putInt(EntryDescriptor.PAYLOAD_LENGTH_OFFSET, payload.length);
        entry.putBytes(EntryDescriptor.PAYLOAD_OFFSET, payload);
        final CRC32C crc = new CRC32C();
        crc.update(entry.byteArray(), 0, EntryDescriptor.CHECKSUM_OFFSET);
        crc.update(payload, 0, payload.length);
        entry.putInt(EntryDescriptor.CHECKSUM_OFFSET, (int)crc.getValue());
        if (index == damagedIndex)
        {
            entry.putByte(damagedAt, (byte)(entry.getByte(damagedAt) ^ 1));
        }
        return entry;
    }

    @Override
    public int offset(final long index)
    {
        return 0;
    }

    @Override
    public int length(final long index)
    {
        return EntryDescriptor.HEADER_LENGTH + payloads.get((int)index - 1).length;
    }

    @Override
    public StorageFault damage(final long index)
    {
        return new StorageFault("entry " + index + " is damaged");
    }

    long term(final long index)
    {
        return terms.get((int)index - 1);
    }
}
