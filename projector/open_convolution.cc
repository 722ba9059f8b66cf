#include "projector/open_convolution.h"

#include <algorithm>
#include <cmath>

#include "base/check.h"
#include "projector/influence.h"

namespace spirogram::projector {
namespace {

using Complex = std::complex<float>;

constexpr int64_t kBlockRows = 16;

int64_t Power(int64_t base, int exponent) {
  int64_t power = 1;
  for (int k = 0; k < exponent; ++k) power *= base;
  return power;
}

// Transforms one axis of a cube of `side`^dims values whose elements along it are `stride` apart.
// False: stopped.
bool TransformAxis(const Fft& fft, int64_t side, int64_t lines, int64_t stride, float* values,
                   ThreadPool* pool, const std::stop_token& stop) {
  return pool->ForBlocks(lines, kBlockRows, stop, [&](int64_t begin, int64_t end) {
    AlignedArray<float> line(side);
    for (int64_t at = begin; at < end; ++at) {
      float* first = values + (at / stride) * stride * side + at % stride;
      for (int64_t k = 0; k < side; ++k) line.data()[k] = first[k * stride];
      fft.EvenForward(line.data());
      for (int64_t k = 0; k < side; ++k) first[k * stride] = line.data()[k];
    }
  });
}

// K at the nodes of one octant, (size + 1)^dims, x innermost.
void FillKernelRow(int64_t side, double spacing, int64_t row, float* values) {
  const int64_t plane = row / side;
  const double y = spacing * static_cast<double>(row - plane * side);
  const double z = spacing * static_cast<double>(plane);
  for (int64_t i = 0; i < side; ++i) {
    const double x = spacing * static_cast<double>(i);
    values[row * side + i] = static_cast<float>(1 / (1 + x * x + y * y + z * z));
  }
}

}  // namespace

OpenConvolution::OpenConvolution(int dims, int64_t size)
    : dims_(dims),
      size_(size),
      complex_pitch_((size + kFftLines) / kFftLines * kFftLines),
      fft_(size) {
  CHECK(dims == 2 || dims == 3);
  grid_ = AlignedArray<float>(rows() * pitch());
}

bool OpenConvolution::SetSpacing(double spacing, ThreadPool* pool, const std::stop_token& stop) {
  if (spacing == spacing_) return true;
  spacing_ = 0;
  const int64_t side = size_ + 1;
  const int64_t lines = Power(side, dims_ - 1);
  AlignedArray<float> octant(lines * side);
  const bool is_filled = pool->ForBlocks(lines, kBlockRows, stop, [&](int64_t begin, int64_t end) {
    for (int64_t row = begin; row < end; ++row) FillKernelRow(side, spacing, row, octant.data());
  });
  if (!is_filled) return false;
  for (int axis = 0; axis < dims_; ++axis) {
    if (!TransformAxis(fft_, side, lines, Power(side, axis), octant.data(), pool, stop)) {
      return false;
    }
  }
  // The kernel is the same along all axes, so their order is free: x of the octant becomes the
  // innermost frequency.
  if (kernel_.size() == 0) kernel_ = AlignedArray<float>(complex_pitch_ * lines);
  const Influence influence(dims_, size_, spacing);
  // The transforms there and back are not normalised.
  const double scale = 1 / std::pow(2 * static_cast<double>(size_), dims_);
  const bool is_done =
      pool->ForBlocks(complex_pitch_, kFftLines, stop, [&](int64_t begin, int64_t) {
        float* block = kernel_.data() + begin * lines;
        for (int64_t line = 0; line < lines; ++line) {
          for (int64_t c = 0; c < kFftLines; ++c) {
            const int64_t x = begin + c;
            const double factor = x > size_ ? 0 : scale * influence.At(x, line % side, line / side);
            block[line * kFftLines + c] =
                x > size_ ? 0.0F : static_cast<float>(factor * octant.data()[line * side + x]);
          }
        }
      });
  if (is_done) spacing_ = spacing;
  return is_done;
}

bool OpenConvolution::Clear(ThreadPool* pool, const std::stop_token& stop) {
  return pool->ForBlocks(rows(), kBlockRows, stop, [this](int64_t begin, int64_t end) {
    std::fill(grid_.data() + begin * pitch(), grid_.data() + end * pitch(), 0.0F);
  });
}

bool OpenConvolution::Convolve(ThreadPool* pool, const std::stop_token& stop) {
  CHECK(spacing_ > 0);
  const auto forward_rows = [this](int64_t begin, int64_t end) {
    for (int64_t row = begin; row < end; ++row) fft_.RealForward(grid_.data() + row * pitch());
  };
  const auto columns = [this](int64_t begin, int64_t) {
    dims_ == 2 ? ConvolveColumns(begin) : ConvolveColumnsOfCube(begin);
  };
  const auto inverse_rows = [this](int64_t begin, int64_t end) {
    for (int64_t row = begin; row < end; ++row) fft_.RealInverse(grid_.data() + row * pitch());
  };
  return pool->ForBlocks(rows(), kBlockRows, stop, forward_rows) &&
         pool->ForBlocks(complex_pitch_, kFftLines, stop, columns) &&
         pool->ForBlocks(rows(), kBlockRows, stop, inverse_rows);
}

// kernel: size + 1 frequencies of kFftLines lines; those above are the mirror image.
void OpenConvolution::ConvolveLines(Complex* lines, const float* kernel) const {
  std::fill(lines + size_ * kFftLines, lines + 2 * size_ * kFftLines, Complex());
  fft_.LinesForward(lines);
  for (int64_t k = 0; k < 2 * size_; ++k) {
    const float* factors = kernel + std::min(k, 2 * size_ - k) * kFftLines;
    for (int64_t c = 0; c < kFftLines; ++c) lines[k * kFftLines + c] *= factors[c];
  }
  fft_.LinesInverse(lines);
}

void OpenConvolution::ConvolveColumns(int64_t block) {
  AlignedArray<Complex> lines(2 * size_ * kFftLines);
  Complex* first = reinterpret_cast<Complex*>(grid_.data()) + block;
  for (int64_t y = 0; y < size_; ++y) {
    std::copy_n(first + y * complex_pitch_, kFftLines, lines.data() + y * kFftLines);
  }
  ConvolveLines(lines.data(), kernel_.data() + block * (size_ + 1));
  for (int64_t y = 0; y < size_; ++y) {
    std::copy_n(lines.data() + y * kFftLines, kFftLines, first + y * complex_pitch_);
  }
}

void OpenConvolution::ConvolveColumnsOfCube(int64_t block) {
  const int64_t plane = 2 * size_ * kFftLines;  // the frequencies of y for one z
  AlignedArray<Complex> planes(size_ * plane);
  AlignedArray<Complex> lines(plane);
  Complex* first = reinterpret_cast<Complex*>(grid_.data()) + block;
  for (int64_t z = 0; z < size_; ++z) {
    Complex* of_z = planes.data() + z * plane;
    for (int64_t y = 0; y < size_; ++y) {
      std::copy_n(first + (z * size_ + y) * complex_pitch_, kFftLines, of_z + y * kFftLines);
    }
    std::fill(of_z + size_ * kFftLines, of_z + plane, Complex());
    fft_.LinesForward(of_z);
  }
  const int64_t side = size_ + 1;
  for (int64_t y = 0; y < 2 * size_; ++y) {
    for (int64_t z = 0; z < size_; ++z) {
      std::copy_n(planes.data() + z * plane + y * kFftLines, kFftLines,
                  lines.data() + z * kFftLines);
    }
    const int64_t frequency = std::min(y, 2 * size_ - y);
    ConvolveLines(lines.data(), kernel_.data() + (block * side + frequency * kFftLines) * side);
    for (int64_t z = 0; z < size_; ++z) {
      std::copy_n(lines.data() + z * kFftLines, kFftLines,
                  planes.data() + z * plane + y * kFftLines);
    }
  }
  for (int64_t z = 0; z < size_; ++z) {
    Complex* of_z = planes.data() + z * plane;
    fft_.LinesInverse(of_z);
    for (int64_t y = 0; y < size_; ++y) {
      std::copy_n(of_z + y * kFftLines, kFftLines, first + (z * size_ + y) * complex_pitch_);
    }
  }
}

}  // namespace spirogram::projector
