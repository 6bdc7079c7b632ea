/**
 * The exponential of a small matrix, by + − × ÷ and comparisons alone, so that every owner has the same bits. Scaling and squaring with a
 * Taylor polynomial of degree 18 (Higham, Functions of Matrices, 2008, ch. 10): scaled to a norm of at most 1/4 its remainder is
 * below 2^-90. Rows and columns of zeros stay exactly zero, so structure survives.
 */
export type Matrix = readonly Float64Array[];

const DEGREE = 18;

export function matrixExponential(a: Matrix): Matrix {
  const n = a.length;
  let norm = 0;
  for (const row of a)
    norm = Math.max(
      norm,
      row.reduce((sum, x) => sum + Math.abs(x), 0),
    );
  if (!Number.isFinite(norm)) return a.map((row) => row.map(() => Number.NaN));
  let squarings = 0;
  let scale = 1;
  for (; norm * scale > 0.25; squarings++) scale *= 0.5;
  const scaled = a.map((row) => row.map((x) => x * scale));
  // Horner: I + A/1 (I + A/2 (I + …)).
  let sum = identity(n);
  for (let k = DEGREE; k >= 1; k--) {
    const next = product(scaled, sum);
    sum = next.map((row, i) => row.map((x, j) => x / k + (i === j ? 1 : 0)));
  }
  for (let i = 0; i < squarings; i++) sum = product(sum, sum);
  return sum;
}

function identity(n: number): Matrix {
  return Array.from({ length: n }, (_, i) => Float64Array.from({ length: n }, (__, j) => (i === j ? 1 : 0)));
}

function product(a: Matrix, b: Matrix): Matrix {
  return a.map((row) => {
    const out = new Float64Array(row.length);
    for (let k = 0; k < row.length; k++) {
      const x = row[k];
      if (x === 0) continue;
      for (let j = 0; j < out.length; j++) out[j] += x * b[k][j];
    }
    return out;
  });
}
