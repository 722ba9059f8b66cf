// The operations of trainer/backend.h as plain functions; shapes and meanings are documented there.
// One file per family: linear.cc, embedding.cc, loss.cc, optimizer.cc, statistics.cc.
#pragma once

#include "trainer/backend.h"

namespace spirogram::trainer::cpu {

// linear.cc
void Fill(float* x, size_t count, float value);
void Copy(ConstMatrix x, Matrix out);
void Add(ConstMatrix x, Matrix out);
void AddConstant(float value, Matrix out);
void LinearForward(ConstMatrix x, ConstMatrix weight, const float* bias, Matrix y);
void LinearBackward(ConstMatrix d_y, ConstMatrix x, Matrix d_weight, float* d_bias);
void LinearBackwardInput(ConstMatrix d_y, ConstMatrix weight, Matrix d_x);
void ReluForward(Matrix y);
void ReluBackward(ConstMatrix y, Matrix d_y);

// embedding.cc
void Gather(ConstMatrix table, const int32_t* ids, Matrix out);
void SumGroups(ConstMatrix d_out, RowGroups groups, Matrix gradient);

// loss.cc
void SoftmaxCrossEntropy(ConstMatrix logits, const int32_t* labels, Matrix d_logits, float* loss,
                         float* correct);
void SigmoidCrossEntropy(ConstMatrix logits, const float* labels, Matrix d_logits, float* loss,
                         float* correct);

// optimizer.cc
void SgdUpdate(const DenseParameter& parameter, float rate);
void AdamUpdate(const DenseParameter& parameter, const AdamRates& rates);
void SgdUpdateRows(const SparseParameter& parameter, float rate);
void AdamUpdateRows(const SparseParameter& parameter, const AdamRates& rates);

// statistics.cc
void Sum(const float* x, size_t count, float* out);
void SquareSum(const float* x, size_t count, float* out);
void AddUnitActivity(ConstMatrix y, float* active_count, float* abs_activation);
void AddUnitGradient(ConstMatrix d_weight, const float* d_bias, float* abs_gradient);
void AddRowActivity(RowGroups groups, ConstMatrix gradient, ConstMatrix update, RowTotals totals);
void RowNorms(ConstMatrix table, float* out);

// Row `row` of a matrix.
inline float* Row(const Matrix& m, int row) {
  return m.data + static_cast<ptrdiff_t>(row) * m.stride;
}
inline const float* Row(const ConstMatrix& m, int row) {
  return m.data + static_cast<ptrdiff_t>(row) * m.stride;
}

}  // namespace spirogram::trainer::cpu
