/**
 * gcc's flags for programs that run once: the same bits, sooner. Which pointers may meet is what gcc works out on every body it
 * inlines, an eighth of its time at -O1, and it finds little to do with it: kernels promise nothing of their pointers.
 * A user's flags are on whole networks in test/models/peers and in most tests of the command line.
 */
export const quickly: readonly string[] = ['-O1', '-fno-tree-pta'];
