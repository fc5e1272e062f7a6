/* SPDX-License-Identifier: 0BSD */
/* The activation functions of recurrent cells, in float32 and few operations; twin of src/quant/gates.ts, and the meaning of
 * an `lstm` and a `gru`: every ISA does these operations in this order.
 *
 *   qcc_gate_sigmoid, qcc_gate_tanh: x P(x^2) / Q(x^2) on a clamped x, P and Q by Horner's rule in fma. The sigmoid is that
 *   plus 1/2, kept in 0..1. NaN stays NaN. Absolute error below 2^-22.
 *
 * The rational functions are those of Eigen (ptanh, plogistic), which ONNX Runtime's MLAS evaluates too. */
#ifndef QCC_GATES_H
#define QCC_GATES_H

#include "qcc/math.h"

#define QCC_TANH_LIMIT 9.0f
#define QCC_TANH_P(STEP, FIRST)                                                                          \
  FIRST(-2.76076847742355e-16f) STEP(2.00018790482477e-13f) STEP(-8.60467152213735e-11f)                 \
      STEP(5.12229709037114e-08f) STEP(1.48572235717979e-05f) STEP(6.37261928875436e-04f) STEP(4.89352455891786e-03f)
#define QCC_TANH_Q(STEP, FIRST) \
  FIRST(1.19825839466702e-06f) STEP(1.18534705686654e-04f) STEP(2.26843463243900e-03f) STEP(4.89352518554385e-03f)

#define QCC_SIGMOID_LIMIT 18.0f
#define QCC_SIGMOID_P(STEP, FIRST)                                                       \
  FIRST(4.37031012579801e-11f) STEP(1.15627324459942e-07f) STEP(6.08574864600143e-05f) \
      STEP(8.51377133304701e-03f) STEP(2.48287947061529e-01f)
#define QCC_SIGMOID_Q(STEP, FIRST)                                                       \
  FIRST(6.10247389755681e-13f) STEP(5.76102136993427e-09f) STEP(6.29106785017040e-06f) \
      STEP(1.70198817374094e-03f) STEP(1.16817656904453e-01f) STEP(9.93151921023180e-01f)

#define QCC_GATE_FIRST(c) v = c;
#define QCC_GATE_STEP(c) v = qcc_fmaf(v, xx, c);

QCC_INLINE float qcc_gate_tanh(float x) {
  float v, p, xx;
  x = x < -QCC_TANH_LIMIT ? -QCC_TANH_LIMIT : x;
  x = x > QCC_TANH_LIMIT ? QCC_TANH_LIMIT : x;
  xx = x * x;
  QCC_TANH_P(QCC_GATE_STEP, QCC_GATE_FIRST)
  p = v * x;
  QCC_TANH_Q(QCC_GATE_STEP, QCC_GATE_FIRST)
  return p / v;
}

QCC_INLINE float qcc_gate_sigmoid(float x) {
  float v, p, xx;
  x = x < -QCC_SIGMOID_LIMIT ? -QCC_SIGMOID_LIMIT : x;
  x = x > QCC_SIGMOID_LIMIT ? QCC_SIGMOID_LIMIT : x;
  xx = x * x;
  QCC_SIGMOID_P(QCC_GATE_STEP, QCC_GATE_FIRST)
  p = v * x;
  QCC_SIGMOID_Q(QCC_GATE_STEP, QCC_GATE_FIRST)
  x = p / v + 0.5f;
  x = x < 0.0f ? 0.0f : x;
  return x > 1.0f ? 1.0f : x;
}

#endif
