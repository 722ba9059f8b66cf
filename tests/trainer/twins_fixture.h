// Runs the same operations on the CPU twin and on the CUDA twin: on a GPU, or its kernels on the
// CPU (tests/cuda_on_cpu).
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "tests/trainer/test_backend.h"
#include "trainer/row_groups.h"

namespace spirogram::testing {

class TwinsTest : public ::testing::Test {
 protected:
  // What operations return: tensors that are compared each by itself.
  using Parts = std::vector<std::vector<float>>;

  void SetUp() override {
    cuda_ = OpenTestBackend(trainer::Device::kCuda);
    if (cuda_ == nullptr) GTEST_SKIP() << "no usable GPU";
    cpu_ = OpenTestBackend(trainer::Device::kCpu);
  }

  // Entries differ by at most 1e-5 of the largest of their part: sums of some hundred float32 in
  // another order do not differ by more.
  void ExpectSame(const std::function<Parts(trainer::Backend&)>& run) {
    const Parts want = run(*cpu_);
    const Parts got = run(*cuda_);
    ASSERT_TRUE(cuda_->Check().ok()) << cuda_->Check().error().ToString();
    ASSERT_EQ(got.size(), want.size());
    for (size_t part = 0; part < want.size(); ++part) {
      SCOPED_TRACE("part " + std::to_string(part));
      ExpectNear(got[part], want[part]);
    }
  }

  static void ExpectNear(const std::vector<float>& got, const std::vector<float>& want) {
    ASSERT_EQ(got.size(), want.size());
    double scale = 0;
    for (const float value : want) {
      if (std::isfinite(value)) scale = std::max(scale, std::abs(double{value}));
    }
    for (size_t i = 0; i < want.size(); ++i) {
      if (std::isfinite(want[i])) {
        ASSERT_NEAR(got[i], want[i], 1e-5 * (scale + 1e-6)) << "entry " << i;
      } else if (std::isnan(want[i])) {
        ASSERT_TRUE(std::isnan(got[i])) << "entry " << i << ": got " << got[i] << ", want NaN";
      } else {
        ASSERT_EQ(got[i], want[i]) << "entry " << i;
      }
    }
  }

  std::unique_ptr<trainer::Backend> cpu_;
  std::unique_ptr<trainer::Backend> cuda_;
};

inline std::vector<int32_t> SomeIds(int count, int below) {
  std::vector<int32_t> ids(static_cast<size_t>(count));
  for (int i = 0; i < count; ++i) ids[static_cast<size_t>(i)] = i * i % below;
  return ids;
}

// Groups of ids in the backend's memory.
struct DeviceGroups {
  DeviceGroups(trainer::Backend& backend, const trainer::HostRowGroups& host)
      : rows(backend, host.rows.size()),
        starts(backend, host.starts.size()),
        samples(backend, host.samples.size()) {
    rows.Upload(host.rows);
    starts.Upload(host.starts);
    samples.Upload(host.samples);
  }
  trainer::RowGroups View() const {
    return {rows.data(), starts.data(), samples.data(), static_cast<int>(rows.size())};
  }

  trainer::Ids rows;
  trainer::Ids starts;
  trainer::Ids samples;
};

}  // namespace spirogram::testing
