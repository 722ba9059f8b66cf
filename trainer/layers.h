// The parts that models are made of. Each owns its parameters, their gradients and last updates,
// and the batch's activations; optimizer.h changes the parameters, instrumentation.h reads all.
// Not thread-safe.
#pragma once

#include <string>

#include "trainer/backend.h"
#include "trainer/random.h"
#include "trainer/tensor.h"

namespace spirogram::trainer {

// A dense parameter with what the optimizer keeps beside it.
class Parameter {
 public:
  Parameter(Backend& backend, int rows, int columns);

  Tensor value;
  Tensor gradient;
  Tensor update;  // the change that the last step made
  Tensor moment1;
  Tensor moment2;

  DenseParameter View() const;
};

enum class Activation { kLinear, kRelu };
const char* ActivationName(Activation activation);  // "linear", "relu"

// Sums over a window of steps, one float per unit of the layer: Backend's AddUnitActivity and
// AddUnitGradient.
struct UnitTotals {
  float* active_count = nullptr;
  float* abs_activation = nullptr;
  float* abs_gradient = nullptr;
};

// y [B, O] = activation(x [B, I] * transpose(weight) + bias)
class DenseLayer {
 public:
  struct Shape {
    int inputs = 0;
    int units = 0;
    int batch_max = 0;
  };

  // Weights are drawn after He et al. 2015 (deviation sqrt(2 / inputs)), biases are 0.
  DenseLayer(Backend& backend, std::string name, Shape shape, Activation activation,
             Random& random);

  // `x` must stay as it is until Backward.
  Matrix Forward(ConstMatrix x);
  // Parameter gradients, and the gradient of x into `d_x` unless it is null, from the gradient that
  // the caller wrote into output_gradient(). REQUIRES: Forward(x) was the last forward call.
  void Backward(ConstMatrix x, const Matrix* d_x);
  // From now on each Backward adds its batch to `totals`, until they are null: there, activations
  // and gradients are in the cache still, which a step later they are not.
  void Watch(const UnitTotals& totals) { watched_ = totals; }

  const std::string& name() const { return name_; }
  Activation activation() const { return activation_; }
  int units() const { return weight.value.rows(); }
  // Of the last Forward.
  Matrix output() const { return output_.Rows(batch_); }
  Matrix output_gradient() const { return output_gradient_.Rows(batch_); }

  Parameter weight;  // [O, I]
  Parameter bias;    // [1, O]

 private:
  Backend& backend_;
  const std::string name_;
  const Activation activation_;
  int batch_ = 0;
  UnitTotals watched_;
  Tensor output_;
  Tensor output_gradient_;
};

// out [B, D] = rows of a table [N, D]. Only rows that the batch touches change.
class EmbeddingTable {
 public:
  struct Shape {
    int rows = 0;
    int dims = 0;
    int batch_max = 0;
  };

  // Rows are drawn from a normal distribution with `deviation`.
  EmbeddingTable(Backend& backend, std::string name, Shape shape, double deviation, Random& random);

  // REQUIRES: at most batch_max ids, each in [0, rows).
  void LoadIds(std::span<const int32_t> ids);
  // LoadIds, and the grouping that Backward needs.
  void LoadTrainingIds(std::span<const int32_t> ids);
  void Forward(Matrix out) const;
  // REQUIRES: LoadTrainingIds was the last load.
  void Backward(ConstMatrix d_out);

  const std::string& name() const { return name_; }
  int rows() const { return table.rows(); }
  int dims() const { return table.columns(); }
  RowGroups groups() const;
  SparseParameter View() const;
  // Of the rows in the batch: [R, D].
  Matrix gradient() const { return gradient_.Rows(group_count_); }
  Matrix update() const { return update_.Rows(group_count_); }

  Tensor table;  // [N, D]

 private:
  Backend& backend_;
  const std::string name_;
  int group_count_ = 0;
  Ids ids_;
  Ids group_rows_;
  Ids group_starts_;
  Ids group_samples_;
  Tensor gradient_;
  Tensor update_;
  Tensor moment1_;
  Tensor moment2_;
};

}  // namespace spirogram::trainer
