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
 * <p>Every array is a whole (no view), column-major, float64 unless said otherwise. ND4J's own
 * {@code svd} operation fails on wide matrices, hence the direct calls.
 */
final class Lapack {

  private static final int COLUMN_MAJOR = openblas.LAPACK_COL_MAJOR;

  private Lapack() {}

  /** Singular value decomposition: {@code a = u · diag(s) · vt}. */
  record Svd(INDArray u, INDArray s, INDArray vt) {}

  /**
   * Computes the economy decomposition; destroys {@code a}.
   *
   * @param a float64, column-major, m × n
   */
  static Svd svd(INDArray a) {
    int m = Math.toIntExact(a.rows());
    int n = Math.toIntExact(a.columns());
    int k = Math.min(m, n);
    INDArray u = columnMajor(m, k);
    INDArray vt = columnMajor(k, n);
    INDArray s = Nd4j.createUninitialized(DataType.DOUBLE, k);
    int code =
        openblas.LAPACKE_dgesdd(
            COLUMN_MAJOR,
            (byte) 'S',
            m,
            n,
            doubles(a),
            m,
            doubles(s),
            doubles(u),
            m,
            doubles(vt),
            k);
    if (code != 0) {
      throw new ArithmeticException("singular value decomposition did not converge: code " + code);
    }
    return new Svd(u, s, vt);
  }

  /**
   * Replaces a symmetric positive definite matrix by its lower Cholesky factor, zeros above.
   *
   * @return false where the matrix is not positive definite; its content is then lost
   */
  static boolean cholesky(INDArray a) {
    int n = Math.toIntExact(a.rows());
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

  /** Solves {@code x · lower = b} for x, in place of b (rows × n). */
  static void solveRight(INDArray lower, INDArray b) {
    int rows = Math.toIntExact(b.rows());
    int n = Math.toIntExact(b.columns());
    openblas.cblas_dtrsm(
        openblas.CblasColMajor,
        openblas.CblasRight,
        openblas.CblasLower,
        openblas.CblasNoTrans,
        openblas.CblasNonUnit,
        rows,
        n,
        1,
        doubles(lower),
        n,
        doubles(b),
        rows);
  }

  /** Returns {@code a · b}. */
  static INDArray multiply(INDArray a, INDArray b) {
    int m = Math.toIntExact(a.rows());
    int n = Math.toIntExact(b.columns());
    int k = Math.toIntExact(a.columns());
    INDArray c = columnMajor(m, n);
    openblas.cblas_dgemm(
        openblas.CblasColMajor,
        openblas.CblasNoTrans,
        openblas.CblasNoTrans,
        m,
        n,
        k,
        1,
        doubles(a),
        m,
        doubles(b),
        k,
        0,
        doubles(c),
        m);
    return c;
  }

  /**
   * Adds {@code Σ x xᵀ} over rows to the lower triangle of a float32 matrix.
   *
   * @param moment float32, n × n
   * @param rows float32, row-major, count × n
   */
  static void addOuterProducts(INDArray moment, float[] rows, int count) {
    int n = Math.toIntExact(moment.rows());
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

  /** The values of a whole column-major array, as they lie in memory. */
  static DoublePointer doubles(INDArray a) {
    return (DoublePointer) a.data().addressPointer();
  }
}
