// A chain of dense layers: ReLU between them, none after the last.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "trainer/layers.h"
#include "trainer/model.h"

namespace spirogram::trainer {

class Mlp final : public Model {
 public:
  struct Options {
    int inputs = 0;
    std::vector<int> hidden;  // units of hidden_1, hidden_2, ...
    int outputs = 0;
    std::string output_name = "output";
    int batch_max = 0;
    uint64_t seed = 1;
  };

  Mlp(Backend& backend, const Options& options);

  // `x` [B, I] must stay as it is until Backward. Returns the output [B, O].
  Matrix Forward(ConstMatrix x);
  // From the gradient that the caller wrote into output_gradient(); d_x may be null.
  void Backward(const Matrix* d_x);
  Matrix output_gradient() const { return layers_.back()->output_gradient(); }

  std::vector<DenseLayer*> layers() override;
  std::vector<EmbeddingTable*> tables() override { return {}; }
  std::vector<EmbeddingTable*> wide_tables() override { return {}; }

 private:
  std::vector<std::unique_ptr<DenseLayer>> layers_;
  std::vector<ConstMatrix> inputs_;  // of each layer in the last Forward
};

}  // namespace spirogram::trainer
