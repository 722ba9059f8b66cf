// The CUDA twin against the CPU twin, operation by operation.
#include "tests/trainer/twins_fixture.h"

namespace spirogram::trainer {
namespace {

using spirogram::testing::DeviceGroups;
using spirogram::testing::RandomTensor;
using spirogram::testing::SomeIds;
using spirogram::testing::TwinsTest;

// Odd sizes, so that every kernel has a part block at its end.
constexpr int kBatch = 131;
constexpr int kInputs = 77;
constexpr int kUnits = 53;
constexpr int kRows = 301;
constexpr int kDims = 19;

TEST_F(TwinsTest, LinearForwardAgrees) {
  ExpectSame([](Backend& b) {
    const Tensor x = RandomTensor(b, kBatch, kInputs, 1);
    const Tensor weight = RandomTensor(b, kUnits, kInputs, 2);
    const Tensor bias = RandomTensor(b, 1, kUnits, 3);
    const Tensor y(b, kBatch, kUnits);
    b.LinearForward(x.All(), weight.All(), bias.data(), y.All());
    return Parts{y.Download()};
  });
}

TEST_F(TwinsTest, LinearForwardIntoColumnsOfAWiderMatrixAgrees) {
  ExpectSame([](Backend& b) {
    const Tensor x = RandomTensor(b, kBatch, kInputs + 9, 1);
    const Tensor weight = RandomTensor(b, kUnits, kInputs, 2);
    const Tensor bias = RandomTensor(b, 1, kUnits, 3);
    const Tensor y(b, kBatch, kUnits + 5);
    b.LinearForward(x.Columns(kBatch, 4, kInputs), weight.All(), bias.data(),
                    y.Columns(kBatch, 3, kUnits));
    return Parts{y.Download()};
  });
}

TEST_F(TwinsTest, LinearBackwardAgrees) {
  ExpectSame([](Backend& b) {
    const Tensor x = RandomTensor(b, kBatch, kInputs, 1);
    const Tensor weight = RandomTensor(b, kUnits, kInputs, 2);
    const Tensor d_y = RandomTensor(b, kBatch, kUnits, 3);
    const Tensor d_weight(b, kUnits, kInputs);
    const Tensor d_bias(b, 1, kUnits);
    const Tensor d_x(b, kBatch, kInputs);
    b.LinearBackward(d_y.All(), x.All(), d_weight.All(), d_bias.data());
    b.LinearBackwardInput(d_y.All(), weight.All(), d_x.All());
    return Parts{d_weight.Download(), d_bias.Download(), d_x.Download()};
  });
}

TEST_F(TwinsTest, ElementwiseOperationsAgree) {
  ExpectSame([](Backend& b) {
    const Tensor y = RandomTensor(b, kBatch, kUnits, 1);
    const Tensor d_y = RandomTensor(b, kBatch, kUnits, 2);
    const Tensor copy(b, kBatch, kUnits + 1);
    b.ReluForward(y.All());
    b.ReluBackward(y.All(), d_y.All());
    b.AddConstant(0.25f, d_y.All());
    b.Copy(y.All(), copy.Columns(kBatch, 1, kUnits));
    b.Add(d_y.All(), copy.Columns(kBatch, 1, kUnits));
    return Parts{y.Download(), d_y.Download(), copy.Download()};
  });
}

TEST_F(TwinsTest, GatherAndSumGroupsAgree) {
  ExpectSame([](Backend& b) {
    const std::vector<int32_t> host_ids = SomeIds(kBatch, kRows);
    const Tensor table = RandomTensor(b, kRows, kDims, 1);
    Ids ids(b, host_ids.size());
    ids.Upload(host_ids);
    const Tensor out(b, kBatch, kDims + 2);
    b.Gather(table.All(), ids.data(), out.Columns(kBatch, 2, kDims));
    const DeviceGroups groups(b, GroupRows(host_ids));
    const Tensor gradient(b, groups.View().count, kDims);
    b.SumGroups(out.Columns(kBatch, 2, kDims), groups.View(), gradient.All());
    return Parts{out.Download(), gradient.Download()};
  });
}

TEST_F(TwinsTest, LossesAgree) {
  ExpectSame([](Backend& b) {
    const Tensor logits = RandomTensor(b, kBatch, 10, 1, /*deviation=*/5);
    const Tensor d_logits(b, kBatch, 10);
    Ids labels(b, kBatch);
    labels.Upload(SomeIds(kBatch, 10));
    const Tensor loss(b, 1, kBatch);
    const Tensor correct(b, 1, kBatch);
    b.SoftmaxCrossEntropy(logits.All(), labels.data(), d_logits.All(), loss.data(), correct.data());
    return Parts{loss.Download(), correct.Download(), d_logits.Download()};
  });
  ExpectSame([](Backend& b) {
    const Tensor logits = RandomTensor(b, kBatch, 1, 1, /*deviation=*/20);
    const Tensor d_logits(b, kBatch, 1);
    Tensor labels(b, 1, kBatch);
    std::vector<float> host_labels;
    for (int i = 0; i < kBatch; ++i) host_labels.push_back(static_cast<float>(i % 2));
    labels.Upload(host_labels);
    const Tensor loss(b, 1, kBatch);
    const Tensor correct(b, 1, kBatch);
    b.SigmoidCrossEntropy(logits.All(), labels.data(), d_logits.All(), loss.data(), correct.data());
    return Parts{loss.Download(), correct.Download(), d_logits.Download()};
  });
}

TEST_F(TwinsTest, DenseUpdatesAgree) {
  for (const bool is_adam : {false, true}) {
    ExpectSame([is_adam](Backend& b) {
      const Tensor value = RandomTensor(b, kUnits, kInputs, 1);
      const Tensor gradient = RandomTensor(b, kUnits, kInputs, 2);
      const Tensor update(b, kUnits, kInputs);
      const Tensor moment1 = RandomTensor(b, kUnits, kInputs, 3, 0.1);
      const Tensor moment2(b, kUnits, kInputs);
      b.Fill(moment2.data(), moment2.size(), 0.5f);
      const DenseParameter p{value.data(),   gradient.data(), update.data(),
                             moment1.data(), moment2.data(),  value.size()};
      if (is_adam) {
        b.AdamUpdate(p, {.rate = 0.01f, .correction1 = 0.3f, .correction2 = 0.01f});
      } else {
        b.SgdUpdate(p, 0.01f);
      }
      return Parts{value.Download(), moment1.Download(), moment2.Download()};
    });
  }
}

TEST_F(TwinsTest, RowUpdatesAndTheirStatisticsAgree) {
  for (const bool is_adam : {false, true}) {
    ExpectSame([is_adam](Backend& b) {
      const DeviceGroups groups(b, GroupRows(SomeIds(kBatch, kRows)));
      const int count = groups.View().count;
      const Tensor table = RandomTensor(b, kRows, kDims, 1);
      const Tensor gradient = RandomTensor(b, count, kDims, 2);
      const Tensor update(b, count, kDims);
      const Tensor moment1(b, kRows, kDims);
      const Tensor moment2(b, kRows, kDims);
      const SparseParameter p{.table = table.All(),
                              .gradient = gradient.All(),
                              .update = update.All(),
                              .moment1 = moment1.data(),
                              .moment2 = moment2.data(),
                              .rows = groups.rows.data(),
                              .count = count};
      if (is_adam) {
        b.AdamUpdateRows(p, {.rate = 0.01f, .correction1 = 0.1f, .correction2 = 0.001f});
      } else {
        b.SgdUpdateRows(p, 0.01f);
      }
      const Tensor totals(b, 4, kRows);
      float* t = totals.data();
      b.AddRowActivity(groups.View(), gradient.All(), update.All(), {t, t + kRows, t + 2 * kRows});
      b.RowNorms(table.All(), t + 3 * kRows);
      return Parts{table.Download(), moment1.Download(), moment2.Download(), totals.Download()};
    });
  }
}

TEST_F(TwinsTest, UnitStatisticsAgree) {
  ExpectSame([](Backend& b) {
    const Tensor y = RandomTensor(b, kBatch, kUnits, 1);
    b.ReluForward(y.All());
    const Tensor d_weight = RandomTensor(b, kUnits, kInputs, 2);
    const Tensor d_bias = RandomTensor(b, 1, kUnits, 3);
    const Tensor totals(b, 3, kUnits);
    float* t = totals.data();
    for (int step = 0; step < 2; ++step) {
      b.AddUnitActivity(y.All(), t, t + kUnits);
      b.AddUnitGradient(d_weight.All(), d_bias.data(), t + 2 * kUnits);
    }
    return Parts{totals.Download()};
  });
}

TEST_F(TwinsTest, SumsAgree) {
  ExpectSame([](Backend& b) {
    const Tensor x = RandomTensor(b, 1'000, 301, 1);
    const Tensor out(b, 1, 2);
    b.SquareSum(x.data(), x.size(), out.data());
    b.Fill(x.data(), x.size(), 0.5f);
    b.Sum(x.data(), x.size(), out.data() + 1);
    return Parts{out.Download()};
  });
}

}  // namespace
}  // namespace spirogram::trainer
