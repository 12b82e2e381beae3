package dev.heirloom.inheritance.student;

import java.util.ArrayList;
import java.util.List;

/** Follows lengths through a reshape: axes that stay, are merged, or are split. */
final class Realignment {
  private Realignment() {}

  /**
   * The lengths after a reshape that keeps the order of elements.
   *
   * @param from lengths before it
   * @param to dims after it in the teacher
   */
  static List<Extent> of(List<Extent> from, long[] to) {
    List<Extent> result = new ArrayList<>();
    int i = 0;
    while (result.size() < to.length) {
      if (i == from.size()) {
        result.add(Extent.of(1));
        continue;
      }
      int first = i;
      int start = result.size();
      int end = start + 1;
      long before = from.get(i++).original();
      long after = to[start];
      while (before != after) {
        if (before < after && i < from.size()) {
          before *= from.get(i++).original();
        } else if (after < before && end < to.length) {
          after *= to[end++];
        } else {
          from.forEach(Extent::freeze);
          return constants(to);
        }
      }
      result.addAll(block(from.subList(first, i), to, start, end));
    }
    return result;
  }

  /** One run of axes that hold the same elements before and after. */
  private static List<Extent> block(List<Extent> from, long[] to, int start, int end) {
    List<Extent> changing = from.stream().filter(extent -> !extent.fixed()).toList();
    if (changing.size() != 1 || (from.size() > 1 && end - start > 1)) {
      from.forEach(Extent::freeze);
      List<Extent> all = constants(to);
      return all.subList(start, end);
    }
    long factor = 1;
    for (Extent extent : from) {
      factor *= extent.original();
    }
    factor /= Math.max(1, changing.get(0).original());
    Extent whole = changing.get(0).times(factor);
    List<Extent> result = new ArrayList<>();
    long others = 1;
    for (int axis = start; axis < end - 1; axis++) {
      result.add(Extent.of(to[axis]));
      others *= to[axis];
    }
    result.add(whole.dividedBy(others));
    return result;
  }

  private static List<Extent> constants(long[] dims) {
    List<Extent> result = new ArrayList<>();
    for (long dim : dims) {
      result.add(Extent.of(dim));
    }
    return result;
  }
}
