package dev.quorate.core.session;

/**
 * One operation of a transaction: a union. Which member is meant says {@link #kind}.
 */
final class Op
{
    static final int NONE = 0;
    static final int RANGE = 1;
    static final int PUT = 2;
    static final int DELETE = 3;
    static final int TXN = 4;

    int kind;
    final RangeRequest range = new RangeRequest();
    final PutRequest put = new PutRequest();
    final DeleteRequest delete = new DeleteRequest();
    TxnNode txn;
}
