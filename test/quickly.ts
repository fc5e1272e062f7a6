/**
 * gcc's flags for programs that run once: the same bits, compiled in half the time. Which pointers may meet is what gcc works out on
 * every body it inlines, a fifth of its time at -O1, and it finds nothing to do with it: kernels promise nothing of their pointers.
 * A user's flags are on whole networks in test/models/peers and in most tests of the command line.
 */
export const quickly: readonly string[] = ['-O1', '-fno-tree-pta'];
