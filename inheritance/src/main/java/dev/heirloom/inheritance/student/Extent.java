package dev.heirloom.inheritance.student;

import java.util.ArrayList;
import java.util.List;

/**
 * The length of one axis as a function of widths: {@code (constant + Σ factor · width) / divisor}.
 *
 * @param terms widths with their factors
 * @param divisor of the whole, 1 or more
 */
record Extent(long constant, List<Term> terms, long divisor) {

  /** A width, so many times. */
  record Term(Width width, long factor) {}

  Extent {
    terms = List.copyOf(terms);
  }

  static Extent of(long constant) {
    return new Extent(constant, List.of(), 1);
  }

  static Extent of(Width width) {
    return new Extent(0, List.of(new Term(width, 1)), 1);
  }

  /** Whether no width that may change is in it. */
  boolean fixed() {
    return terms.stream().allMatch(term -> term.width().frozen());
  }

  /** Length in the teacher. */
  long original() {
    return (constant
            + terms.stream().mapToLong(term -> term.factor() * term.width().original()).sum())
        / divisor;
  }

  /** Length with the widths that were last chosen. */
  long size() {
    return (constant + terms.stream().mapToLong(term -> term.factor() * term.width().size()).sum())
        / divisor;
  }

  Extent times(long factor) {
    List<Term> scaled =
        terms.stream().map(term -> new Term(term.width(), factor * term.factor())).toList();
    return new Extent(constant * factor, scaled, divisor);
  }

  Extent plus(Extent other) {
    if (divisor != other.divisor) {
      freeze();
      other.freeze();
      return of(original() + other.original());
    }
    List<Term> all = new ArrayList<>(terms);
    all.addAll(other.terms);
    return new Extent(constant + other.constant, all, divisor);
  }

  /** A part of so many equal ones; the widths stay divisible, or as they are. */
  Extent dividedBy(long parts) {
    if (parts == 1) {
      return this;
    }
    if (fixed() || constant != 0 || divisor != 1) {
      freeze();
      return of(original() / parts);
    }
    for (Term term : terms) {
      term.width().divisibleBy(parts / Width.gcd(term.factor(), parts));
    }
    return new Extent(0, terms, parts);
  }

  void freeze() {
    terms.forEach(term -> term.width().freeze());
  }

  /** Keeps two lengths equal; where that cannot be said of their widths, both stay as they are. */
  static void unify(Extent a, Extent b) {
    if (a.same(b)) {
      return;
    }
    boolean single = a.single() && b.single() && a.divisor == b.divisor;
    if (single && a.terms.get(0).factor() == b.terms.get(0).factor()) {
      a.terms.get(0).width().join(b.terms.get(0).width());
    } else {
      a.freeze();
      b.freeze();
    }
  }

  private boolean single() {
    return constant == 0 && terms.size() == 1;
  }

  private boolean same(Extent other) {
    if (constant != other.constant
        || divisor != other.divisor
        || terms.size() != other.terms.size()) {
      return false;
    }
    for (int i = 0; i < terms.size(); i++) {
      if (terms.get(i).factor() != other.terms.get(i).factor()
          || terms.get(i).width().root() != other.terms.get(i).width().root()) {
        return false;
      }
    }
    return true;
  }
}
