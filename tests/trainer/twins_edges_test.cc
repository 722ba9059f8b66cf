// The CUDA twin against the CPU twin where sizes are those of warps and blocks or next to them,
// where there is nothing to do, and where numbers are none.
#include <cfloat>
#include <numeric>

#include "tests/trainer/twins_fixture.h"

namespace spirogram::trainer {
namespace {

using spirogram::testing::DeviceGroups;
using spirogram::testing::RandomTensor;
using spirogram::testing::SomeIds;

using TwinsEdgesTest = spirogram::testing::TwinsTest;

constexpr float kNan = NAN;
constexpr float kInf = INFINITY;

TEST_F(TwinsEdgesTest, LayersAgree) {
  struct Size {
    int batch, inputs, units;
  };
  for (const auto& [batch, inputs, units] :
       {Size{1, 1, 1}, Size{1, 300, 2}, Size{2, 1, 257}, Size{31, 33, 32}, Size{32, 32, 31},
        Size{33, 31, 1}, Size{256, 2, 5}, Size{257, 3, 1'025}, Size{300, 1, 3}}) {
    SCOPED_TRACE(std::to_string(batch) + " x " + std::to_string(inputs) + " x " +
                 std::to_string(units));
    ExpectSame([batch = batch, inputs = inputs, units = units](Backend& b) {
      const Tensor x = RandomTensor(b, batch, inputs, 1);
      const Tensor weight = RandomTensor(b, units, inputs, 2);
      const Tensor bias = RandomTensor(b, 1, units, 3);
      const Tensor y(b, batch, units);
      b.LinearForward(x.All(), weight.All(), bias.data(), y.All());
      const Tensor d_y = RandomTensor(b, batch, units, 4);
      const Tensor d_weight(b, units, inputs);
      const Tensor d_bias(b, 1, units);
      const Tensor d_x(b, batch, inputs);
      b.LinearBackward(d_y.All(), x.All(), d_weight.All(), d_bias.data());
      b.LinearBackwardInput(d_y.All(), weight.All(), d_x.All());
      const Tensor gradient(b, 1, units);
      b.AddUnitGradient(d_weight.All(), d_bias.data(), gradient.data());
      const Tensor norms(b, 1, units);
      b.RowNorms(weight.All(), norms.data());
      const Tensor sums(b, 1, 2);
      b.Sum(weight.data(), weight.size(), sums.data());
      b.SquareSum(weight.data(), weight.size(), sums.data() + 1);
      return Parts{y.Download(),        d_weight.Download(), d_bias.Download(), d_x.Download(),
                   gradient.Download(), norms.Download(),    sums.Download()};
    });
    // Of the same numbers on both, so that none is on another side of 0.
    ExpectSame([batch = batch, units = units](Backend& b) {
      const Tensor y = RandomTensor(b, batch, units, 5);
      const Tensor d_y = RandomTensor(b, batch, units, 6);
      b.ReluForward(y.All());
      b.ReluBackward(y.All(), d_y.All());
      const Tensor active(b, 1, units);
      const Tensor size(b, 1, units);
      b.AddUnitActivity(y.All(), active.data(), size.data());
      return Parts{y.Download(), d_y.Download(), active.Download(), size.Download()};
    });
  }
}

TEST_F(TwinsEdgesTest, LossesAgree) {
  for (const int batch : {1, 7, 8, 9, 257}) {
    for (const int classes : {1, 2, 31, 32, 33, 300}) {
      SCOPED_TRACE(std::to_string(batch) + " x " + std::to_string(classes));
      ExpectSame([batch, classes](Backend& b) {
        const Tensor logits = RandomTensor(b, batch, classes + 3, 1, /*deviation=*/5);
        const Tensor d_logits(b, batch, classes + 1);
        Ids labels(b, static_cast<size_t>(batch));
        labels.Upload(SomeIds(batch, classes));
        const Tensor loss(b, 1, batch);
        const Tensor correct(b, 1, batch);
        b.SoftmaxCrossEntropy(logits.Columns(batch, 2, classes), labels.data(),
                              d_logits.Columns(batch, 1, classes), loss.data(), correct.data());
        return Parts{loss.Download(), correct.Download(), d_logits.Download()};
      });
    }
  }
}

// NaN and infinities at every place of a warp and behind, and rows of nothing else.
TEST_F(TwinsEdgesTest, SoftmaxOfLogitsThatAreNoNumbersAgrees) {
  constexpr int kClasses = 40;
  std::vector<std::vector<float>> rows;
  for (size_t at = 0; at < kClasses; ++at) {
    for (const float value : {kNan, kInf, -kInf}) {
      auto& row = rows.emplace_back();
      for (int c = 0; c < kClasses; ++c) row.push_back(static_cast<float>(c * 7 % 41) / 8);
      row[at] = value;
    }
  }
  for (const float value : {kNan, kInf, -kInf, 0.0f, -FLT_MAX, FLT_MAX}) {
    rows.emplace_back(kClasses, value);
  }
  for (const int32_t label : {0, 35, 39}) {  // 35 has the largest logit
    SCOPED_TRACE(label);
    ExpectSame([&rows, label](Backend& b) {
      const auto batch = static_cast<int>(rows.size());
      std::vector<float> values;
      for (const auto& row : rows) values.insert(values.end(), row.begin(), row.end());
      Tensor logits(b, batch, kClasses);
      logits.Upload(values);
      const Tensor d_logits(b, batch, kClasses);
      Ids labels(b, rows.size());
      labels.Upload(std::vector<int32_t>(rows.size(), label));
      const Tensor loss(b, 1, batch);
      const Tensor correct(b, 1, batch);
      b.SoftmaxCrossEntropy(logits.All(), labels.data(), d_logits.All(), loss.data(),
                            correct.data());
      return Parts{loss.Download(), correct.Download(), d_logits.Download()};
    });
  }
}

TEST_F(TwinsEdgesTest, SigmoidOfLogitsThatAreNoNumbersAgrees) {
  ExpectSame([](Backend& b) {
    const std::vector<float> values = {kNan, kNan, kInf, kInf, -kInf, -kInf, 0, 0, 100, -100};
    const auto batch = static_cast<int>(values.size());
    Tensor logits(b, batch, 1);
    logits.Upload(values);
    const Tensor d_logits(b, batch, 1);
    Tensor labels(b, 1, batch);
    labels.Upload(std::vector<float>{0, 1, 0, 1, 0, 1, 0, 1, 1, 0});
    const Tensor loss(b, 1, batch);
    const Tensor correct(b, 1, batch);
    b.SigmoidCrossEntropy(logits.All(), labels.data(), d_logits.All(), loss.data(), correct.data());
    return Parts{loss.Download(), correct.Download(), d_logits.Download()};
  });
}

TEST_F(TwinsEdgesTest, WhatIsNoNumberIsPassedOn) {
  ExpectSame([](Backend& b) {
    Tensor y(b, 2, 3);
    y.Upload(std::vector<float>{kNan, kInf, -kInf, -0.0f, 1, -1});
    Tensor d_y(b, 2, 3);
    d_y.Upload(std::vector<float>{1, 2, 3, 4, kNan, kNan});
    b.ReluForward(y.All());
    b.ReluBackward(y.All(), d_y.All());
    const Tensor totals(b, 2, 3);
    b.AddUnitActivity(y.All(), totals.data(), totals.data() + 3);
    const Tensor sums(b, 1, 2);
    b.Sum(y.data(), y.size(), sums.data());
    b.SquareSum(y.data(), y.size(), sums.data() + 1);
    Tensor value(b, 1, 6);
    value.Upload(std::vector<float>{1, 2, 3, kNan, kInf, 0});
    const Tensor update(b, 1, 6);
    const Tensor moment1(b, 1, 6);
    const Tensor moment2(b, 1, 6);
    b.AdamUpdate({value.data(), y.data(), update.data(), moment1.data(), moment2.data(), 6},
                 {.rate = 0.01f, .correction1 = 0.1f, .correction2 = 0.001f});
    return Parts{y.Download(),     d_y.Download(),    totals.Download(), sums.Download(),
                 value.Download(), update.Download(), moment1.Download()};
  });
}

TEST_F(TwinsEdgesTest, RowsAgreeThatAllSamplesTouchAndThatOneTouches) {
  constexpr int kBatch = 131;
  constexpr int kRows = 140;
  for (const bool is_one : {true, false}) {
    for (const int dims : {1, 32, 300}) {
      SCOPED_TRACE(std::to_string(dims) + (is_one ? ", one row" : ", a row each"));
      ExpectSame([is_one, dims](Backend& b) {
        std::vector<int32_t> ids(kBatch, kRows - 1);
        if (!is_one) std::iota(ids.begin(), ids.end(), kRows - kBatch);
        const DeviceGroups groups(b, GroupRows(ids));
        const int count = groups.View().count;
        const Tensor table = RandomTensor(b, kRows, dims, 1);
        const Tensor d_out = RandomTensor(b, kBatch, dims, 2);
        const Tensor gradient(b, count, dims);
        const Tensor update(b, count, dims);
        b.SumGroups(d_out.All(), groups.View(), gradient.All());
        b.SgdUpdateRows({.table = table.All(),
                         .gradient = gradient.All(),
                         .update = update.All(),
                         .rows = groups.rows.data(),
                         .count = count},
                        0.1f);
        const Tensor touches(b, 1, kRows);
        const Tensor squares(b, 1, kRows);
        const Tensor norms(b, 1, kRows);
        b.AddRowActivity(groups.View(), gradient.All(), update.All(),
                         {touches.data(), squares.data(), norms.data()});
        return Parts{gradient.Download(), table.Download(),   update.Download(),
                     touches.Download(),  squares.Download(), norms.Download()};
      });
    }
  }
}

TEST_F(TwinsEdgesTest, NothingToDoIsNoError) {
  ExpectSame([](Backend& b) {
    const Tensor x = RandomTensor(b, 2, 3, 1);
    const Tensor weight = RandomTensor(b, 4, 3, 2);
    const Tensor bias = RandomTensor(b, 1, 4, 3);
    const Tensor y = RandomTensor(b, 2, 4, 4);
    const Tensor scores = RandomTensor(b, 1, 2, 5);
    const Tensor totals = RandomTensor(b, 1, 4, 6);
    const Tensor d_bias = RandomTensor(b, 1, 4, 7);
    const Ids ids(b, 2);
    const Matrix none = y.Rows(0);
    b.Fill(y.data(), 0, 7);
    b.Copy(none, none);
    b.Add(none, none);
    b.AddConstant(1, none);
    b.LinearForward(x.Rows(0), weight.All(), bias.data(), none);
    b.LinearBackwardInput(none, weight.All(), x.Rows(0));
    b.ReluForward(none);
    b.ReluBackward(none, none);
    b.Gather(y.All(), ids.data(), none);
    b.SoftmaxCrossEntropy(none, ids.data(), none, scores.data(), scores.data());
    b.SigmoidCrossEntropy(none, scores.data(), none, scores.data(), scores.data());
    const RowGroups groups{ids.data(), ids.data(), ids.data(), 0};
    b.SumGroups(none, groups, none);
    b.SgdUpdate({y.data(), y.data(), y.data(), nullptr, nullptr, 0}, 1);
    b.AdamUpdate({y.data(), y.data(), y.data(), y.data(), y.data(), 0}, {.rate = 1});
    const SparseParameter rows{.table = y.All(),
                               .gradient = none,
                               .update = none,
                               .moment1 = y.data(),
                               .moment2 = y.data(),
                               .rows = ids.data(),
                               .count = 0};
    b.SgdUpdateRows(rows, 1);
    b.AdamUpdateRows(rows, {.rate = 1});
    b.AddUnitActivity(none, totals.data(), totals.data());
    b.AddRowActivity(groups, none, none, {totals.data(), totals.data(), totals.data()});
    b.RowNorms(none, totals.data());
    b.SquareSum(y.data(), 0, totals.data());                         // 0
    b.LinearBackward(none, x.Rows(0), weight.All(), d_bias.data());  // sums of nothing: 0
    return Parts{x.Download(),      y.Download(),      weight.Download(),
                 scores.Download(), totals.Download(), d_bias.Download()};
  });
}

}  // namespace
}  // namespace spirogram::trainer
