package dev.quorate.core.wire;

import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

class WireFormatTest
{
    private static final long SEED = 20_260_101L;

    private final WireReader reader = new WireReader();

    @Test
    void writesScalarsInCanonicalForm()
    {
        final WireWriter writer = new WireWriter(16, 1024);
        writer.varint(1, 0);
        writer.varint(2, 300);
        writer.varint(3, -1);
        writer.bool(4, false);
        writer.bool(16, true);
        writer.string(5, "");
        writer.string(5, "ab");

        assertEquals("10ac02" + "18ffffffffffffffffff01" + "800101" + "2a026162", hex(writer));
    }

    @Test
    void nestedMessagesHaveShortestLengthsWhateverTheirSize()
    {
        for (final int size : new int[]{0, 1, 126, 127, 128, 129, 16_380, 16_384, 16_385, 2_097_160})
        {
            final WireWriter writer = new WireWriter(16, 8 * 1024 * 1024);
            final int outer = writer.begin(1);
            final int inner = writer.begin(2);
            writer.encoded(new UnsafeBuffer(new byte[size]), 0, size);
            writer.end(inner);
            writer.varint(3, 7);
            writer.end(outer);

            final int innerLength = 1 + WireWriter.varintLength(size) + size + 2;
            assertEquals(1 + WireWriter.varintLength(innerLength) + innerLength, writer.length(), "size " + size);
            reader.wrap(writer.buffer(), 0, writer.length());
            assertTrue(reader.next());
            assertEquals(innerLength, reader.valueLength());
            final WireReader nested = new WireReader();
            nested.wrap(writer.buffer(), reader.valueOffset(), reader.valueLength());
            assertTrue(nested.next());
            assertEquals(size, nested.valueLength());
            assertTrue(nested.next());
            assertEquals(7, nested.number());
            assertFalse(nested.next());
            assertFalse(reader.next());
        }
    }

    @Test
    void readsWhatWasWritten()
    {
        final Random random = new Random(SEED);
        for (int round = 0; round < 500; round++)
        {
            final WireWriter writer = new WireWriter(16, 1 << 20);
            final int count = random.nextInt(20);
            final int[] fields = new int[count];
            final Object[] values = new Object[count];
            for (int i = 0; i < count; i++)
            {
                fields[i] = 1 + random.nextInt(1 << (1 + random.nextInt(28)));
                if (random.nextBoolean())
                {
                    final long value = random.nextLong() >> random.nextInt(63) | 1;
                    writer.varint(fields[i], value);
                    values[i] = value;
                }
                else
                {
                    final byte[] bytes = new byte[random.nextInt(300)];
                    random.nextBytes(bytes);
                    writer.bytes(fields[i], new UnsafeBuffer(bytes), 0, bytes.length);
                    values[i] = bytes;
                }
            }
            reader.wrap(writer.buffer(), 0, writer.length());
            for (int i = 0; i < count; i++)
            {
                assertTrue(reader.next(), "round " + round);
                assertEquals(fields[i], reader.tag() >>> 3);
                if (values[i] instanceof final Long number)
                {
                    assertEquals(number, reader.number());
                }
                else
                {
                    final byte[] bytes = new byte[reader.valueLength()];
                    writer.buffer().getBytes(reader.valueOffset(), bytes);
                    assertArrayEquals((byte[])values[i], bytes);
                }
            }
            assertFalse(reader.next());
        }
    }

    @Test
    void skipsUnknownFieldsOfEveryWireType()
    {
        final byte[] bytes = HexFormat.of().parseHex(
            "0d01020304" + "110102030405060708" + "1b" + "2205aabbccddee" + "2801" + "1c" + "3007");
        reader.wrap(new UnsafeBuffer(bytes), 0, bytes.length);

        int fields = 0;
        while (reader.next())
        {
            fields++;
        }
        assertEquals(4, fields);
        assertEquals(7, reader.number());
        assertEquals(6, reader.tag() >>> 3);
    }

    @Test
    void refusesMalformedBytes()
    {
        for (final String bad : new String[]{
            "08", "0880", "08ffffffffffffffffff02", "08ffffffffffffffffffff01", "0a05aabb", "0d0102", "1101020304",
            "0001", "0e", "0f", "0c", "0b08", "0b0814", "0b14", "0affffffffffffffffff01", "8080808010" + "00"})
        {
            final byte[] bytes = HexFormat.of().parseHex(bad);
            reader.wrap(new UnsafeBuffer(bytes), 0, bytes.length);
            assertSame(WireException.MALFORMED, assertThrows(WireException.class, this::readAll, bad));
        }
    }

    @Test
    void randomBytesNeverLeadBeyondTheMessage()
    {
        final Random random = new Random(SEED);
        for (int round = 0; round < 20_000; round++)
        {
            final byte[] bytes = new byte[1 + random.nextInt(40)];
            random.nextBytes(bytes);
            final int length = random.nextInt(bytes.length + 1);
            reader.wrap(new UnsafeBuffer(bytes), 0, length);
            try
            {
                while (reader.next())
                {
                    if ((reader.tag() & 7) == WireType.BYTES)
                    {
                        assertTrue(reader.valueOffset() + reader.valueLength() <= length, Arrays.toString(bytes));
                    }
                }
            }
            catch (final WireException ex)
            {
                assertSame(WireException.MALFORMED, ex);
            }
        }
    }

    @Test
    void agreesWithTheJdkOnUtf8()
    {
        final Random random = new Random(SEED);
        for (int round = 0; round < 50_000; round++)
        {
            final byte[] text = new byte[1 + random.nextInt(5)];
            for (int i = 0; i < text.length; i++)
            {
                final int[] edges = {0x00, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0, 0xC1, 0xC2, 0xDF, 0xE0, 0xE1,
                    0xED, 0xEE, 0xEF, 0xF0, 0xF1, 0xF4, 0xF5, 0xFF};
                text[i] = (byte)edges[random.nextInt(edges.length)];
            }
            final WireWriter writer = new WireWriter(32, 64);
            writer.bytes(1, new UnsafeBuffer(text), 0, text.length);
            reader.wrap(writer.buffer(), 0, writer.length());
            reader.next();
            boolean isAccepted = true;
            try
            {
                reader.requireUtf8();
            }
            catch (final WireException ex)
            {
                isAccepted = false;
            }
            assertEquals(isUtf8(text), isAccepted, HexFormat.of().formatHex(text));
        }
    }

    @Test
    void tellsThatItsBoundWasHitAndWorksAgainAfterReset()
    {
        final WireWriter writer = new WireWriter(16, 64);
        final int body = writer.begin(1);
        writer.bytes(2, new UnsafeBuffer(new byte[100]), 0, 100);
        writer.end(body);
        assertTrue(writer.overflowed());

        writer.reset().varint(1, 5);
        assertFalse(writer.overflowed());
        assertEquals("0805", hex(writer));
    }

    private void readAll()
    {
        while (reader.next())
        {
            assertTrue(reader.tag() != 0);
        }
    }

    private static boolean isUtf8(final byte[] text)
    {
        try
        {
            StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(text));
            return true;
        }
        catch (final CharacterCodingException ex)
        {
            return false;
        }
    }

    private static String hex(final WireWriter writer)
    {
        final byte[] bytes = new byte[writer.length()];
        writer.buffer().getBytes(0, bytes);
        return HexFormat.of().formatHex(bytes);
    }
}
