// The mathematics of training behind one declaration with two twins: trainer/cpu/ (OpenBLAS and
// loops) and trainer/cuda/ (cuBLAS and kernels). A model is written once against it.
//
// Memory that an operation touches belongs to the backend (tensor.h owns it); host memory goes in
// and out by Upload and Download. Operations are queued in order and return nothing: the first
// failure is kept, later operations do nothing, and Check() says what it was. Not thread-safe.
//
// Letters of shapes: B samples of the batch, I inputs, O outputs (units) of a layer, C classes,
// N rows of an embedding table, D its dims, R distinct rows of the table in the batch.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "base/result.h"

namespace spirogram::trainer {

// A row-major matrix whose rows begin `stride` floats apart, so that a few columns of a wider one
// are a matrix too. Does not own its memory.
struct Matrix {
  float* data = nullptr;
  int rows = 0;
  int columns = 0;
  int stride = 0;
};

struct ConstMatrix {
  ConstMatrix(const float* d, int r, int c, int s) : data(d), rows(r), columns(c), stride(s) {}
  ConstMatrix(const Matrix& m)  // NOLINT: implicit, as from float* to const float*
      : data(m.data), rows(m.rows), columns(m.columns), stride(m.stride) {}

  const float* data;
  int rows;
  int columns;
  int stride;
};

// Which samples of a batch touch which row of a table: row rows[r] is touched by
// samples[starts[r]] ... samples[starts[r + 1] - 1]. Grouping by row first makes the sum of a row's
// gradients a loop in fixed order, equal on every run; atomic additions are not.
struct RowGroups {
  const int32_t* rows = nullptr;     // R, ascending
  const int32_t* starts = nullptr;   // R + 1
  const int32_t* samples = nullptr;  // B
  int count = 0;                     // R
};

// A dense parameter; every pointer has `count` floats.
struct DenseParameter {
  float* value = nullptr;
  const float* gradient = nullptr;
  float* update = nullptr;   // receives the change that was really made, after rounding
  float* moment1 = nullptr;  // Adam only
  float* moment2 = nullptr;  // Adam only
  size_t count = 0;
};

// A table of which only the rows of `groups` change.
struct SparseParameter {
  Matrix table;                   // [N, D]
  ConstMatrix gradient;           // [R, D]
  Matrix update;                  // [R, D], receives the change that was really made
  float* moment1 = nullptr;       // [N, D], Adam only
  float* moment2 = nullptr;       // [N, D], Adam only
  const int32_t* rows = nullptr;  // R
  int count = 0;                  // R
};

// Adam (Kingma and Ba 2015, algorithm 1): value -= rate * m / correction1 / (sqrt(v / correction2)
// + epsilon), with correction_i = 1 - beta_i^step.
struct AdamRates {
  float rate = 0;
  float beta1 = 0.9f;
  float beta2 = 0.999f;
  float epsilon = 1e-8f;
  float correction1 = 1;
  float correction2 = 1;
};

// Sums over a window of steps, one float per row of the table.
struct RowTotals {
  float* touches = nullptr;
  float* gradient_square = nullptr;
  float* update_norm = nullptr;
};

class Backend {
 public:
  virtual ~Backend() = default;

  virtual std::string Name() const = 0;  // "cpu (2 threads)", "cuda (NVIDIA H200)"

  // Memory filled with zeros; nullptr when there is none left (then Check fails).
  virtual void* Allocate(size_t bytes) = 0;
  virtual void Free(void* memory) = 0;
  // Both return when the copy is done; Download therefore waits for what was queued before.
  virtual void Upload(void* to, const void* from_host, size_t bytes) = 0;
  virtual void Download(void* to_host, const void* from, size_t bytes) = 0;
  // Waits for what is queued. The first error since the backend was opened, for ever.
  virtual Status Check() = 0;

  virtual void Fill(float* x, size_t count, float value) = 0;
  // out = x; out += x; same shapes.
  virtual void Copy(ConstMatrix x, Matrix out) = 0;
  virtual void Add(ConstMatrix x, Matrix out) = 0;
  virtual void AddConstant(float value, Matrix out) = 0;

  // y [B, O] = x [B, I] * transpose(weight [O, I]) + bias [O]
  virtual void LinearForward(ConstMatrix x, ConstMatrix weight, const float* bias, Matrix y) = 0;
  // d_weight [O, I] = transpose(d_y [B, O]) * x [B, I];  d_bias [O] = column sums of d_y
  virtual void LinearBackward(ConstMatrix d_y, ConstMatrix x, Matrix d_weight, float* d_bias) = 0;
  // d_x [B, I] = d_y [B, O] * weight [O, I]
  virtual void LinearBackwardInput(ConstMatrix d_y, ConstMatrix weight, Matrix d_x) = 0;

  // y = max(y, 0); d_y = y > 0 ? d_y : 0, where y is ReluForward's result. NaN stays NaN.
  virtual void ReluForward(Matrix y) = 0;
  virtual void ReluBackward(ConstMatrix y, Matrix d_y) = 0;

  // out [B, D] = rows ids [B] of table [N, D]
  virtual void Gather(ConstMatrix table, const int32_t* ids, Matrix out) = 0;
  // gradient [R, D] = per group, the sum of the rows of d_out [B, D] that belong to it
  virtual void SumGroups(ConstMatrix d_out, RowGroups groups, Matrix gradient) = 0;

  // Per sample: loss [B] = cross-entropy of softmax(logits [B, C]) against label [B], correct [B]
  // = 1 where the largest logit is the label's, and d_logits [B, C] = gradient of the mean loss.
  virtual void SoftmaxCrossEntropy(ConstMatrix logits, const int32_t* labels, Matrix d_logits,
                                   float* loss, float* correct) = 0;
  // The same for one logit per sample (C = 1) and labels 0 or 1; correct where sign and label
  // agree.
  virtual void SigmoidCrossEntropy(ConstMatrix logits, const float* labels, Matrix d_logits,
                                   float* loss, float* correct) = 0;

  virtual void SgdUpdate(const DenseParameter& parameter, float rate) = 0;
  virtual void AdamUpdate(const DenseParameter& parameter, const AdamRates& rates) = 0;
  virtual void SgdUpdateRows(const SparseParameter& parameter, float rate) = 0;
  // Lazy: moments of rows that the batch does not touch stay as they are.
  virtual void AdamUpdateRows(const SparseParameter& parameter, const AdamRates& rates) = 0;

  // out[0] = sum of x; sum of squares of x.
  virtual void Sum(const float* x, size_t count, float* out) = 0;
  virtual void SquareSum(const float* x, size_t count, float* out) = 0;
  // Per unit of y [B, O]: active_count [O] += samples with y != 0, abs_activation [O] += sum |y|.
  virtual void AddUnitActivity(ConstMatrix y, float* active_count, float* abs_activation) = 0;
  // abs_gradient [O] += L1 norm of the unit's row of d_weight [O, I] and its d_bias [O].
  virtual void AddUnitGradient(ConstMatrix d_weight, const float* d_bias, float* abs_gradient) = 0;
  // Per group of gradient and update [R, D], into the totals [N] of its row.
  virtual void AddRowActivity(RowGroups groups, ConstMatrix gradient, ConstMatrix update,
                              RowTotals totals) = 0;
  // out [N] = L2 norm of each row of table [N, D]
  virtual void RowNorms(ConstMatrix table, float* out) = 0;
};

}  // namespace spirogram::trainer
