#include <cblas.h>

#include <algorithm>

#include "base/vector_clones.h"
#include "trainer/cpu/kernels.h"

namespace spirogram::trainer::cpu {

void Fill(float* x, size_t count, float value) {
  std::fill_n(x, count, value);
}

void Copy(ConstMatrix x, Matrix out) {
  for (int b = 0; b < out.rows; ++b) std::copy_n(Row(x, b), out.columns, Row(out, b));
}

SPIROGRAM_VECTOR_CLONES void Add(ConstMatrix x, Matrix out) {
  for (int b = 0; b < out.rows; ++b) {
    const float* from = Row(x, b);
    float* to = Row(out, b);
    for (int c = 0; c < out.columns; ++c) to[c] += from[c];
  }
}

SPIROGRAM_VECTOR_CLONES void AddConstant(float value, Matrix out) {
  for (int b = 0; b < out.rows; ++b) {
    float* row = Row(out, b);
    for (int c = 0; c < out.columns; ++c) row[c] += value;
  }
}

void LinearForward(ConstMatrix x, ConstMatrix weight, const float* bias, Matrix y) {
  for (int b = 0; b < y.rows; ++b) std::copy_n(bias, y.columns, Row(y, b));
  cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, y.rows, y.columns, x.columns, 1, x.data,
              x.stride, weight.data, weight.stride, 1, y.data, y.stride);
}

SPIROGRAM_VECTOR_CLONES void LinearBackward(ConstMatrix d_y, ConstMatrix x, Matrix d_weight,
                                            float* d_bias) {
  cblas_sgemm(CblasRowMajor, CblasTrans, CblasNoTrans, d_weight.rows, d_weight.columns, d_y.rows, 1,
              d_y.data, d_y.stride, x.data, x.stride, 0, d_weight.data, d_weight.stride);
  std::fill_n(d_bias, d_y.columns, 0.0f);
  for (int b = 0; b < d_y.rows; ++b) {
    const float* row = Row(d_y, b);
    for (int o = 0; o < d_y.columns; ++o) d_bias[o] += row[o];
  }
}

void LinearBackwardInput(ConstMatrix d_y, ConstMatrix weight, Matrix d_x) {
  cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, d_x.rows, d_x.columns, d_y.columns, 1,
              d_y.data, d_y.stride, weight.data, weight.stride, 0, d_x.data, d_x.stride);
}

SPIROGRAM_VECTOR_CLONES void ReluForward(Matrix y) {
  for (int b = 0; b < y.rows; ++b) {
    float* row = Row(y, b);
    for (int o = 0; o < y.columns; ++o) row[o] = row[o] <= 0 ? 0 : row[o];
  }
}

SPIROGRAM_VECTOR_CLONES void ReluBackward(ConstMatrix y, Matrix d_y) {
  for (int b = 0; b < y.rows; ++b) {
    const float* activation = Row(y, b);
    float* gradient = Row(d_y, b);
    for (int o = 0; o < y.columns; ++o) gradient[o] = activation[o] <= 0 ? 0 : gradient[o];
  }
}

}  // namespace spirogram::trainer::cpu
