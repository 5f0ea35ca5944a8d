package dev.quorate.core.machine;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.List;

/**
 * Ids of members and clusters: the first eight bytes, big-endian, of a SHA-1. Pure; any thread, off the hot path.
 */
public final class MemberIds
{
    private MemberIds()
    {
    }

    /**
     * Id of a member of a new cluster.
     *
     * @param peerUrls     of the member, in any order.
     * @param clusterToken given for the new cluster.
     * @return the id.
     */
    public static long memberId(final List<String> peerUrls, final String clusterToken)
    {
        final List<String> sorted = new ArrayList<>(peerUrls);
        sorted.sort(null);
        final MessageDigest digest = sha1();
        for (final String url : sorted)
        {
            digest.update(url.getBytes(StandardCharsets.UTF_8));
        }
        digest.update(clusterToken.getBytes(StandardCharsets.UTF_8));
        return firstEightBytes(digest);
    }

    /**
     * Id of a member that is added to a running cluster.
     *
     * @param peerUrls    of the member, in any order.
     * @param unixSeconds when it was asked for, seconds since 1970.
     * @return the id.
     */
    public static long addedMemberId(final List<String> peerUrls, final long unixSeconds)
    {
        return memberId(peerUrls, Long.toString(unixSeconds));
    }

    /**
     * Id of a new cluster.
     *
     * @param memberIds of its first members, in any order.
     * @return the id.
     */
    public static long clusterId(final List<Long> memberIds)
    {
        final List<Long> sorted = new ArrayList<>(memberIds);
        sorted.sort(Long::compareUnsigned);
        final ByteBuffer bytes = ByteBuffer.allocate(sorted.size() * Long.BYTES);
        for (final long id : sorted)
        {
            bytes.putLong(id);
        }
        final MessageDigest digest = sha1();
        digest.update(bytes.array());
        return firstEightBytes(digest);
    }

    private static MessageDigest sha1()
    {
        try
        {
            return MessageDigest.getInstance("SHA-1");
        }
        catch (final NoSuchAlgorithmException ex)
        {
            throw new IllegalStateException("this Java knows no SHA-1", ex);
        }
    }

    private static long firstEightBytes(final MessageDigest digest)
    {
        return ByteBuffer.wrap(digest.digest()).getLong();
    }
}
