/** Which files of a library are compiled for the target's instruction sets. */

/** Weights are data, and what starts threads must start on any CPU. */
export function usesIsa(librarySource: string): boolean {
  return !/_(?:weights|threads)\.c$/.test(librarySource);
}
