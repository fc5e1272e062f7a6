/**
 * What an instruction set and a target are. Invariant: both are data, discovered in `runtime-c/isa/<isa>/isa.json` and
 * `runtime-c/target/<name>.json`; nothing in the compiler branches on their names.
 */

/** How generated C asks the CPU, at run time, whether it has an instruction set. */
export interface CpuCheck {
  /** Arguments of `__builtin_cpu_supports`, all of which must hold; for x86. */
  readonly builtin: readonly string[];
  /** Bits of Linux's `getauxval(AT_HWCAP)`, all of which must be set, as C spells them: `0x1000`; in the place of `builtin`. */
  readonly hwcap: string | undefined;
  /** The same features as Linux spells them in `/proc/cpuinfo`. */
  readonly linux: readonly string[];
  /** The same as macOS spells them in `machdep.cpu.features` and `machdep.cpu.leaf7_features`. */
  readonly darwin: readonly string[];
}

/** An instruction set: one folder of kernels. */
export interface Isa {
  readonly name: string;
  /** The instruction set whose kernels this one may fall back to; `scalar` extends none. */
  readonly extends: string | undefined;
  readonly doc: string;
  /** Flags of gcc and clang without which its kernels do not compile. */
  readonly cFlags: readonly string[];
  /** Flags for clang on top, without which its code would have other bits. */
  readonly clangCFlags: readonly string[];
  /** Preprocessor condition that holds exactly where its kernels compile. */
  readonly guard: string;
  /** Undefined where every CPU that runs the target has it. */
  readonly cpuCheck: CpuCheck | undefined;
  /** What its kernels could do at best, see `peakOf`. */
  readonly peaks: readonly Peak[];
  /**
   * A kernel that is told its sizes when it runs has a tile for every rest: as much code as so many kernels that know theirs.
   * Measured with `--optimize size`.
   */
  readonly shapesWorthSharing: number;
}

/** The best a kernel could do, as a loop `qcc_peak_<scheme>` in a `peak.h` of the ISA, or of one it extends, measures it. */
export interface Peak {
  readonly scheme: string;
  readonly family: string;
  readonly tile: string;
  /** Multiply-accumulates that one multiplication stands for: Winograd's F(4x4,3x3) saves three of four. */
  readonly factor: number;
}

export function peakOf(
  isas: readonly Isa[],
  kernel: { readonly isa: string; readonly family: string; readonly tile: string },
) {
  const isa = isas.find(({ name }) => name === kernel.isa);
  return isa?.peaks.find(({ family, tile }) => family === kernel.family && tile === kernel.tile);
}

/** Package names, blank-separated, that a package manager installs. */
export interface Packages {
  /** The cross compiler and its C library. */
  readonly compiler: string;
  /** Undefined where there is no emulator to install. */
  readonly emulator: string | undefined;
}

/** A machine to compile for. */
export interface Target {
  readonly name: string;
  readonly doc: string;
  /** Best first; the last one is `scalar`. */
  readonly isas: readonly Isa[];
  /** `aarch64-linux-gnu`; undefined where the target is whatever the host is. */
  readonly triple: string | undefined;
  /** `.incbin` is for ELF only, the others get C arrays. */
  readonly objectFormat: 'elf' | 'macho' | 'coff';
  /** Values of `process.arch` on which the host's own compiler makes this target; undefined: on any. */
  readonly hostArch: readonly string[] | undefined;
  /** Command lines of cross compilers, for hosts outside `hostArch`; undefined where there is none. */
  readonly compilers: { readonly gcc: string | undefined; readonly clang: string | undefined };
  /** Flags for every file, on top of those of the ISAs. */
  readonly cFlags: readonly string[];
  /** Link flags of cross-built executables, so that they run under the emulator and on any root file system. */
  readonly crossLinkFlags: readonly string[];
  /**
   * Command before the executable where the host cannot run it; undefined where there is none. Of a target without an
   * operating system: a system emulator of QEMU and the machine it plays, without what hands it the image.
   */
  readonly emulator: readonly string[] | undefined;
  /**
   * Files of `runtime-c/firmware` that make an image of a program for a machine without an operating system: start-up
   * code, linker script. Files and the exit code go through semihosting. Empty where there is an operating system.
   */
  readonly firmware: readonly string[];
  /** What a cross build needs, keyed by system (`debian`); empty where the host's own compiler does. */
  readonly packages: ReadonlyMap<string, Packages>;
  /** A microcontroller: flash and RAM are scarce, so weights stay as small as they are unless the user wants speed. */
  readonly isMcu: boolean;
  /** Boards and cores a user may name instead. */
  readonly aliases: readonly string[];
}
