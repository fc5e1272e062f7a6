/** Which files of a library are compiled for the target's instruction sets. */

/**
 * Weights are data, and what starts threads must start on any CPU.
 * @param all the library's sources: beside `m.c`, `m_weights.c` is its weights; alone, it is the model "m_weights".
 */
export function usesIsa(librarySource: string, all: readonly string[]): boolean {
  const model = librarySource.replace(/_(?:weights|threads)\.c$/, '.c');
  return model === librarySource || !all.includes(model);
}
