// MNIST: 28 x 28 grey images of the digits 0 to 9.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"

namespace spirogram::trainer {

inline constexpr int kMnistPixels = 28 * 28;
inline constexpr int kMnistClasses = 10;

struct Digits {
  std::vector<float> pixels;    // row-major [N, kMnistPixels], 0 to 1
  std::vector<int32_t> labels;  // N, 0 to 9

  size_t size() const { return labels.size(); }
};

struct Mnist {
  Digits train;
  Digits test;
};

// Reads train-images-idx3-ubyte, train-labels-idx1-ubyte, t10k-images-idx3-ubyte and
// t10k-labels-idx1-ubyte, each with or without ".gz", from `folder`.
Result<Mnist> ReadMnist(const std::string& folder);

}  // namespace spirogram::trainer
