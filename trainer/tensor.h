// Memory of a Backend with an owner.
#pragma once

#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "base/check.h"
#include "trainer/backend.h"

namespace spirogram::trainer {

// An array of T in the backend's memory, zero at first. The backend must outlive it. Movable.
template <typename T>
class Buffer {
 public:
  Buffer() = default;
  Buffer(Backend& backend, size_t count)
      : backend_(&backend),
        data_(static_cast<T*>(backend.Allocate(count * sizeof(T)))),
        count_(count) {}
  Buffer(Buffer&& other) noexcept
      : backend_(other.backend_),
        data_(std::exchange(other.data_, nullptr)),
        count_(std::exchange(other.count_, 0)) {}
  Buffer& operator=(Buffer&& other) noexcept {
    std::swap(backend_, other.backend_);
    std::swap(data_, other.data_);
    std::swap(count_, other.count_);
    return *this;
  }
  ~Buffer() {
    if (data_ != nullptr) backend_->Free(data_);
  }

  T* data() const { return data_; }
  size_t size() const { return count_; }

  // Copies to the beginning. REQUIRES: values.size() <= size().
  void Upload(std::span<const T> values) {
    CHECK(values.size() <= count_);
    backend_->Upload(data_, values.data(), values.size() * sizeof(T));
  }
  std::vector<T> Download() const {
    std::vector<T> values(count_);
    backend_->Download(values.data(), data_, count_ * sizeof(T));
    return values;
  }

 private:
  Backend* backend_ = nullptr;
  T* data_ = nullptr;
  size_t count_ = 0;
};

using Ids = Buffer<int32_t>;

// A row-major matrix of floats.
class Tensor {
 public:
  Tensor() = default;
  Tensor(Backend& backend, int rows, int columns)
      : buffer_(backend, static_cast<size_t>(rows) * static_cast<size_t>(columns)),
        rows_(rows),
        columns_(columns) {}

  int rows() const { return rows_; }
  int columns() const { return columns_; }
  size_t size() const { return buffer_.size(); }
  float* data() const { return buffer_.data(); }

  Matrix All() const { return {data(), rows_, columns_, columns_}; }
  // The first `rows` rows: a batch may be smaller than the largest one.
  Matrix Rows(int rows) const { return {data(), rows, columns_, columns_}; }
  // Columns [first, first + columns) of the first `rows` rows.
  Matrix Columns(int rows, int first, int columns) const {
    CHECK(rows <= rows_ && first + columns <= columns_);
    return {data() + first, rows, columns, columns_};
  }

  void Upload(std::span<const float> values) { buffer_.Upload(values); }
  std::vector<float> Download() const { return buffer_.Download(); }

 private:
  Buffer<float> buffer_;
  int rows_ = 0;
  int columns_ = 0;
};

}  // namespace spirogram::trainer
