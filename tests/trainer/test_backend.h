// Backends and tensors for tests.
#pragma once

#include <memory>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "trainer/device.h"
#include "trainer/random.h"
#include "trainer/tensor.h"

namespace spirogram::testing {

// Null where there is no such device here; tests then skip.
inline std::unique_ptr<trainer::Backend> OpenTestBackend(trainer::Device device) {
  auto opened = trainer::OpenBackend(device, /*threads=*/1);
  return opened.ok() ? std::move(opened->backend) : nullptr;
}

inline std::string DeviceName(trainer::Device device) {
  return device == trainer::Device::kCuda ? "cuda" : "cpu";
}

// Normally distributed values.
inline trainer::Tensor RandomTensor(trainer::Backend& backend, int rows, int columns, uint64_t seed,
                                    double deviation = 1) {
  trainer::Tensor tensor(backend, rows, columns);
  trainer::Random random(seed);
  tensor.Upload(trainer::NormalValues(tensor.size(), deviation, random));
  return tensor;
}

}  // namespace spirogram::testing
