package dev.quorate.core.watch;

import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Intervals of keys with their watchers: a height-balanced tree ordered by begin and end, each node of which knows the
 * greatest end below it. Looking up allocates nothing. Owned by the watch thread.
 */
final class IntervalTree
{
    /**
     * One interval with its watchers; begin included, end excluded, no end is null.
     */
    static final class Node extends WatcherSet
    {
        final UnsafeBuffer begin;
        final UnsafeBuffer end;
        UnsafeBuffer maxEnd;
        Node left;
        Node right;
        int height = 1;

        Node(final UnsafeBuffer begin, final UnsafeBuffer end)
        {
            this.begin = begin;
            this.end = end;
            this.maxEnd = end;
        }
    }

    private Node root;
    private int size;

    /** Adds a watcher; an end of null means every key from the begin on. The buffers are kept. */
    void add(final Watcher watcher, final UnsafeBuffer begin, final UnsafeBuffer end)
    {
        Node node = root;
        while (null != node)
        {
            final int order = compare(begin, end, node);
            if (0 == order)
            {
                node.add(watcher);
                return;
            }
            node = order < 0 ? node.left : node.right;
        }
        final Node added = new Node(begin, end);
        added.add(watcher);
        root = insert(root, added);
        size++;
    }

    void remove(final Watcher watcher)
    {
        final Node node = (Node)watcher.home;
        node.remove(watcher);
        if (node.isEmpty())
        {
            root = remove(root, node);
            size--;
        }
    }

    /** Adds the watchers of all intervals that hold a key. */
    void match(final DirectBuffer key, final int offset, final int length, final Matches matches)
    {
        match(root, key, offset, length, matches);
    }

    int size()
    {
        return size;
    }

    Node root()
    {
        return root;
    }

    private static void match(
        final Node from, final DirectBuffer key, final int offset, final int length, final Matches matches)
    {
        Node node = from;
        while (null != node && isBelow(key, offset, length, node.maxEnd))
        {
            match(node.left, key, offset, length, matches);
            if (KeyBytes.compare(node.begin, key, offset, length) > 0)
            {
                return;
            }
            if (isBelow(key, offset, length, node.end))
            {
                matches.addAll(node);
            }
            node = node.right;
        }
    }

    private static boolean isBelow(final DirectBuffer key, final int offset, final int length, final UnsafeBuffer end)
    {
        return null == end || KeyBytes.compare(end, key, offset, length) > 0;
    }

    private static Node insert(final Node node, final Node added)
    {
        if (null == node)
        {
            return added;
        }
        if (compare(added.begin, added.end, node) < 0)
        {
            node.left = insert(node.left, added);
        }
        else
        {
            node.right = insert(node.right, added);
        }
        return balanced(node);
    }

    private static Node remove(final Node node, final Node removed)
    {
        if (null == node)
        {
            throw new IllegalStateException("an interval with watchers is not in the tree");
        }
        if (node == removed)
        {
            if (null == node.left)
            {
                return node.right;
            }
            if (null == node.right)
            {
                return node.left;
            }
            final Node first = first(node.right);
            first.right = removeFirst(node.right);
            first.left = node.left;
            return balanced(first);
        }
        if (compare(removed.begin, removed.end, node) < 0)
        {
            node.left = remove(node.left, removed);
        }
        else
        {
            node.right = remove(node.right, removed);
        }
        return balanced(node);
    }

    private static Node first(final Node from)
    {
        Node node = from;
        while (null != node.left)
        {
            node = node.left;
        }
        return node;
    }

    private static Node removeFirst(final Node node)
    {
        if (null == node.left)
        {
            return node.right;
        }
        node.left = removeFirst(node.left);
        return balanced(node);
    }

    private static Node balanced(final Node node)
    {
        final int difference = height(node.left) - height(node.right);
        if (difference > 1)
        {
            if (height(node.left.left) < height(node.left.right))
            {
                node.left = rotatedLeft(node.left);
            }
            return rotatedRight(node);
        }
        if (difference < -1)
        {
            if (height(node.right.right) < height(node.right.left))
            {
                node.right = rotatedRight(node.right);
            }
            return rotatedLeft(node);
        }
        update(node);
        return node;
    }

    private static Node rotatedLeft(final Node node)
    {
        final Node top = node.right;
        node.right = top.left;
        top.left = node;
        update(node);
        update(top);
        return top;
    }

    private static Node rotatedRight(final Node node)
    {
        final Node top = node.left;
        node.left = top.right;
        top.right = node;
        update(node);
        update(top);
        return top;
    }

    private static void update(final Node node)
    {
        node.height = 1 + Math.max(height(node.left), height(node.right));
        UnsafeBuffer max = node.end;
        max = null == node.left ? max : max(max, node.left.maxEnd);
        node.maxEnd = null == node.right ? max : max(max, node.right.maxEnd);
    }

    private static int height(final Node node)
    {
        return null == node ? 0 : node.height;
    }

    private static UnsafeBuffer max(final UnsafeBuffer a, final UnsafeBuffer b)
    {
        return null == a || null != b && KeyBytes.compare(a, b) >= 0 ? a : b;
    }

    private static int compare(final UnsafeBuffer begin, final UnsafeBuffer end, final Node node)
    {
        final int order = KeyBytes.compare(begin, node.begin);
        if (0 != order)
        {
            return order;
        }
        if (null == end || null == node.end)
        {
            return Boolean.compare(null == end, null == node.end);
        }
        return KeyBytes.compare(end, node.end);
    }
}
