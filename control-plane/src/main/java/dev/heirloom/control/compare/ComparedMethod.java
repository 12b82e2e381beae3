package dev.heirloom.control.compare;

import java.util.Locale;

/** A way to a smaller or faster network. */
public enum ComparedMethod {
  SCRATCH('a', "a smaller network of the same kind, trained from nothing on the labels"),
  DISTILLED('b', "the same, distilled from the teacher"),
  SVD('c', "plain truncated singular value decomposition, uniform ranks, then a fine-tune"),
  INHERNET('d', "InherNet as published: three gated heads, uniform ranks, then a fine-tune"),
  HEIRLOOM('e', "Heirloom's default: data-weighted factors, measured ranks, one nested fine-tune"),
  INT8('f', "the teacher in 8 bits, static quantisation"),
  CONVERGED('g', "as distilled, but trained until held-back accuracy stops improving");

  private final char letter;
  private final String description;

  ComparedMethod(char letter, String description) {
    this.letter = letter;
    this.description = description;
  }

  /** On the command line, in place of the title. */
  public char letter() {
    return letter;
  }

  /** In one line. */
  public String description() {
    return description;
  }

  /** As in tables and files. */
  public String title() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** Whether there is a network for each size; the teacher in 8 bits is there once. */
  public boolean hasSizes() {
    return this != INT8;
  }

  boolean isStudent() {
    return this == SCRATCH || this == DISTILLED || this == CONVERGED;
  }
}
