package dev.heirloom.runtime.assembly;

/** What becomes of ranks that do not fill the runtime's blocks. */
public enum Padding {
  /** Zeros are added up to the next block: the same outputs, in less time. */
  BLOCK,
  /** Ranks stay as they are: true counts of weights and multiply-accumulates. */
  NONE
}
