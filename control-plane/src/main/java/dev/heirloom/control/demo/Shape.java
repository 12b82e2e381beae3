package dev.heirloom.control.demo;

import java.util.List;

/**
 * The ten classes that the demo tells apart, each as a signed distance in units of its own radius:
 * negative inside, zero on the outline. The order is the label.
 */
enum Shape {
  DISK {
    @Override
    double distance(double x, double y) {
      return Math.hypot(x, y) - 0.95;
    }
  },
  RING {
    @Override
    double distance(double x, double y) {
      return Math.abs(Math.hypot(x, y) - 0.72) - 0.24;
    }
  },
  SQUARE {
    @Override
    double distance(double x, double y) {
      return box(x, y, 0.82, 0.82);
    }
  },
  TRIANGLE {
    @Override
    double distance(double x, double y) {
      return polygon(x, y, 3, 0.55);
    }
  },
  PENTAGON {
    @Override
    double distance(double x, double y) {
      return polygon(x, y, 5, 0.8);
    }
  },
  STAR {
    @Override
    double distance(double x, double y) {
      double step = 2 * Math.PI / 5;
      double angle = Math.atan2(x, y);
      double folded = Math.abs(angle - step * Math.rint(angle / step));
      double radius = Math.hypot(x, y);
      // The edge from a tip at (0, 1) to a notch at radius 0.45, half a step away.
      double notchX = 0.45 * Math.sin(step / 2);
      double notchY = 0.45 * Math.cos(step / 2);
      double edge = Math.hypot(notchX, 1 - notchY);
      double px = radius * Math.sin(folded);
      double py = radius * Math.cos(folded);
      return (px * (1 - notchY) + (py - 1) * notchX) / edge;
    }
  },
  PLUS {
    @Override
    double distance(double x, double y) {
      return Math.min(box(x, y, 0.95, 0.33), box(x, y, 0.33, 0.95));
    }
  },
  CRESCENT {
    @Override
    double distance(double x, double y) {
      return Math.max(Math.hypot(x, y) - 0.95, 0.8 - Math.hypot(x - 0.5, y));
    }
  },
  HEART {
    @Override
    double distance(double x, double y) {
      double side = Math.abs(x);
      double tilted = box((x + y) * ROOT_HALF, (y - x) * ROOT_HALF, 0.55, 0.55);
      double lobe = Math.hypot(side - 0.39, y - 0.39) - 0.55;
      return Math.min(tilted, lobe);
    }
  },
  HALF_DISK {
    @Override
    double distance(double x, double y) {
      return Math.max(Math.hypot(x, y + 0.35) - 0.95, -0.35 - y);
    }
  };

  private static final double ROOT_HALF = Math.sqrt(0.5);

  static final List<Shape> ALL = List.of(values());

  abstract double distance(double x, double y);

  private static double box(double x, double y, double halfWidth, double halfHeight) {
    return Math.max(Math.abs(x) - halfWidth, Math.abs(y) - halfHeight);
  }

  /** A regular polygon whose edges are {@code apothem} away from its centre. */
  private static double polygon(double x, double y, int edges, double apothem) {
    double step = 2 * Math.PI / edges;
    double angle = Math.atan2(x, y);
    double folded = angle - step * Math.rint(angle / step);
    return Math.hypot(x, y) * Math.cos(folded) - apothem;
  }
}
