package dev.heirloom.inheritance.factor;

import org.bytedeco.javacpp.DoublePointer;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.openblas.global.openblas;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * The LAPACK and BLAS routines that factoring needs, applied to ND4J arrays in place.
 *
 * <p>Every array is a whole (no view), column-major, float64 unless said otherwise. Of symmetric
 * matrices only the lower triangle is read and written. ND4J's own {@code svd} operation fails on
 * wide matrices, hence the direct calls.
 */
final class Lapack {

  private static final int COLUMN_MAJOR = openblas.LAPACK_COL_MAJOR;

  private Lapack() {}

  /**
   * Replaces a symmetric matrix by its eigenvectors, in the order of ascending eigenvalues.
   *
   * @param a n × n
   * @return the eigenvalues, ascending
   */
  static double[] eigen(INDArray a) {
    int n = rows(a);
    double[] values = new double[n];
    try (DoublePointer w = new DoublePointer(n)) {
      int code = openblas.LAPACKE_dsyevd(COLUMN_MAJOR, (byte) 'V', (byte) 'L', n, doubles(a), n, w);
      if (code != 0) {
        throw new ArithmeticException("eigenvalues did not converge: code " + code);
      }
      w.get(values);
    }
    return values;
  }

  /**
   * Replaces a symmetric positive definite matrix by its lower Cholesky factor, zeros above.
   *
   * @return false where the matrix is not positive definite; its content is then lost
   */
  static boolean cholesky(INDArray a) {
    int n = rows(a);
    DoublePointer p = doubles(a);
    if (openblas.LAPACKE_dpotrf(COLUMN_MAJOR, (byte) 'L', n, p, n) != 0) {
      return false;
    }
    double[] zeros = new double[n];
    for (int column = 1; column < n; column++) {
      p.position((long) column * n).put(zeros, 0, column);
    }
    p.position(0);
    return true;
  }

  /** Replaces b by the x that solves {@code lowerᵀ · x = b}. */
  static void solveTransposed(INDArray lower, INDArray b) {
    openblas.cblas_dtrsm(
        openblas.CblasColMajor,
        openblas.CblasLeft,
        openblas.CblasLower,
        openblas.CblasTrans,
        openblas.CblasNonUnit,
        rows(b),
        columns(b),
        1,
        doubles(lower),
        rows(lower),
        doubles(b),
        rows(b));
  }

  /** Replaces b by {@code lower · b}, or by {@code lowerᵀ · b}. */
  static void multiplyTriangle(INDArray lower, boolean transposed, INDArray b) {
    openblas.cblas_dtrmm(
        openblas.CblasColMajor,
        openblas.CblasLeft,
        openblas.CblasLower,
        transposed ? openblas.CblasTrans : openblas.CblasNoTrans,
        openblas.CblasNonUnit,
        rows(b),
        columns(b),
        1,
        doubles(lower),
        rows(lower),
        doubles(b),
        rows(b));
  }

  /** Returns {@code symmetric · b}. */
  static INDArray multiplySymmetric(INDArray symmetric, INDArray b) {
    INDArray c = columnMajor(rows(b), columns(b));
    openblas.cblas_dsymm(
        openblas.CblasColMajor,
        openblas.CblasLeft,
        openblas.CblasLower,
        rows(b),
        columns(b),
        1,
        doubles(symmetric),
        rows(symmetric),
        doubles(b),
        rows(b),
        0,
        doubles(c),
        rows(c));
    return c;
  }

  /**
   * Sets {@code c = aᵀ · b}, or {@code c = a · b}.
   *
   * <p>Where c has fewer rows or columns than the product, its leading ones are meant.
   *
   * @param used rows of {@code a} that take part, where not all of them do: leading ones; of {@code
   *     b}, too, where a is transposed
   */
  static void multiply(INDArray a, boolean transposed, int used, INDArray b, INDArray c) {
    openblas.cblas_dgemm(
        openblas.CblasColMajor,
        transposed ? openblas.CblasTrans : openblas.CblasNoTrans,
        openblas.CblasNoTrans,
        transposed ? rows(c) : used,
        columns(c),
        transposed ? used : columns(a),
        1,
        doubles(a),
        rows(a),
        doubles(b),
        rows(b),
        0,
        doubles(c),
        rows(c));
  }

  /** Adds {@code aᵀ · a} to the lower triangle of c, from the leading rows of a. */
  static void addGram(INDArray a, int used, INDArray c) {
    gram(a, openblas.CblasTrans, columns(a), used, c);
  }

  /** Adds {@code a · aᵀ} to the lower triangle of c, from the leading columns of a. */
  static void addOuter(INDArray a, int used, INDArray c) {
    gram(a, openblas.CblasNoTrans, rows(a), used, c);
  }

  private static void gram(INDArray a, int transpose, int n, int k, INDArray c) {
    openblas.cblas_dsyrk(
        openblas.CblasColMajor,
        openblas.CblasLower,
        transpose,
        n,
        k,
        1,
        doubles(a),
        rows(a),
        1,
        doubles(c),
        n);
  }

  /**
   * Adds {@code Σ x xᵀ} over rows to the lower triangle of a float32 matrix.
   *
   * @param moment float32, n × n
   * @param rows float32, row-major, count × n
   */
  static void addOuterProducts(INDArray moment, float[] rows, int count) {
    int n = rows(moment);
    try (FloatPointer x = new FloatPointer(rows)) {
      openblas.cblas_ssyrk(
          openblas.CblasColMajor,
          openblas.CblasLower,
          openblas.CblasNoTrans,
          n,
          count,
          1,
          x,
          n,
          1,
          (FloatPointer) moment.data().addressPointer(),
          n);
    }
  }

  static INDArray columnMajor(int rows, int columns) {
    return Nd4j.createUninitialized(DataType.DOUBLE, new long[] {rows, columns}, 'f');
  }

  static INDArray zeros(int rows, int columns) {
    return columnMajor(rows, columns).assign(0);
  }

  /** The values of a whole column-major array, as they lie in memory. */
  static DoublePointer doubles(INDArray a) {
    return (DoublePointer) a.data().addressPointer();
  }

  private static int rows(INDArray a) {
    return Math.toIntExact(a.rows());
  }

  private static int columns(INDArray a) {
    return Math.toIntExact(a.columns());
  }
}
