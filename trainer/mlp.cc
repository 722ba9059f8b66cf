#include "trainer/mlp.h"

#include "base/str.h"

namespace spirogram::trainer {

Mlp::Mlp(Backend& backend, const Options& options) {
  int inputs = options.inputs;
  const auto add = [&](const std::string& name, int units, Activation activation) {
    Random random = RandomStream(options.seed, name);
    const DenseLayer::Shape shape{inputs, units, options.batch_max};
    layers_.push_back(std::make_unique<DenseLayer>(backend, name, shape, activation, random));
    inputs = units;
  };
  for (size_t i = 0; i < options.hidden.size(); ++i) {
    add(StrCat("hidden_", i + 1), options.hidden[i], Activation::kRelu);
  }
  add(options.output_name, options.outputs, Activation::kLinear);
}

Matrix Mlp::Forward(ConstMatrix x) {
  inputs_.clear();
  inputs_.push_back(x);
  for (const auto& layer : layers_) inputs_.push_back(layer->Forward(inputs_.back()));
  return layers_.back()->output();
}

void Mlp::Backward(const Matrix* d_x) {
  for (size_t i = layers_.size(); i-- > 0;) {
    if (i == 0) {
      layers_[i]->Backward(inputs_[i], d_x);
    } else {
      const Matrix d_input = layers_[i - 1]->output_gradient();
      layers_[i]->Backward(inputs_[i], &d_input);
    }
  }
}

std::vector<DenseLayer*> Mlp::layers() {
  std::vector<DenseLayer*> layers;
  for (const auto& layer : layers_) layers.push_back(layer.get());
  return layers;
}

}  // namespace spirogram::trainer
