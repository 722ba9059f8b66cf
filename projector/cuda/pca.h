// The sums over all rows that PCA needs, on the GPU: in float64, as on the CPU.
#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "base/result.h"
#include "projector/projector.h"

namespace spirogram::projector {

// A matrix in device memory, 4 N D bytes, and a block of its rows in float64.
class DevicePca {
 public:
  virtual ~DevicePca() = default;

  // scatter (D x D): Xc' Xc of the centred rows, its upper triangle.
  virtual Status Scatter(std::span<double> scatter) = 0;
  // coordinates (N x `columns`): the centred rows along the directions (k x D), k <= columns; the
  // columns from k on are 0.
  virtual Status Project(std::span<const double> directions, int64_t columns,
                         std::span<float> coordinates) = 0;
};

// Errors: kExhausted (the device's memory), kInternal.
Result<std::unique_ptr<DevicePca>> MakeDevicePca(const MatrixView& matrix);

}  // namespace spirogram::projector
