#include "trainer/layers.h"

#include <cmath>
#include <utility>

#include "trainer/row_groups.h"

namespace spirogram::trainer {

Parameter::Parameter(Backend& backend, int rows, int columns)
    : value(backend, rows, columns),
      gradient(backend, rows, columns),
      update(backend, rows, columns),
      moment1(backend, rows, columns),
      moment2(backend, rows, columns) {}

DenseParameter Parameter::View() const {
  return {value.data(),   gradient.data(), update.data(),
          moment1.data(), moment2.data(),  value.size()};
}

const char* ActivationName(Activation activation) {
  return activation == Activation::kRelu ? "relu" : "linear";
}

DenseLayer::DenseLayer(Backend& backend, std::string name, Shape shape, Activation activation,
                       Random& random)
    : weight(backend, shape.units, shape.inputs),
      bias(backend, 1, shape.units),
      backend_(backend),
      name_(std::move(name)),
      activation_(activation),
      output_(backend, shape.batch_max, shape.units),
      output_gradient_(backend, shape.batch_max, shape.units) {
  weight.value.Upload(NormalValues(weight.value.size(), std::sqrt(2.0 / shape.inputs), random));
}

Matrix DenseLayer::Forward(ConstMatrix x) {
  batch_ = x.rows;
  const Matrix y = output();
  backend_.LinearForward(x, weight.value.All(), bias.value.data(), y);
  if (activation_ == Activation::kRelu) backend_.ReluForward(y);
  return y;
}

void DenseLayer::Backward(ConstMatrix x, const Matrix* d_x) {
  const Matrix d_y = output_gradient();
  const bool is_watched = watched_.active_count != nullptr;
  if (activation_ == Activation::kRelu) backend_.ReluBackward(output(), d_y);
  if (is_watched) {
    backend_.AddUnitActivity(output(), watched_.active_count, watched_.abs_activation);
  }
  backend_.LinearBackward(d_y, x, weight.gradient.All(), bias.gradient.data());
  if (is_watched) {
    backend_.AddUnitGradient(weight.gradient.All(), bias.gradient.data(), watched_.abs_gradient);
  }
  if (d_x != nullptr) backend_.LinearBackwardInput(d_y, weight.value.All(), *d_x);
}

EmbeddingTable::EmbeddingTable(Backend& backend, std::string name, Shape shape, double deviation,
                               Random& random)
    : table(backend, shape.rows, shape.dims),
      backend_(backend),
      name_(std::move(name)),
      ids_(backend, static_cast<size_t>(shape.batch_max)),
      group_rows_(backend, static_cast<size_t>(shape.batch_max)),
      group_starts_(backend, static_cast<size_t>(shape.batch_max) + 1),
      group_samples_(backend, static_cast<size_t>(shape.batch_max)),
      gradient_(backend, shape.batch_max, shape.dims),
      update_(backend, shape.batch_max, shape.dims),
      moment1_(backend, shape.rows, shape.dims),
      moment2_(backend, shape.rows, shape.dims) {
  table.Upload(NormalValues(table.size(), deviation, random));
}

void EmbeddingTable::LoadIds(std::span<const int32_t> ids) {
  ids_.Upload(ids);
}

void EmbeddingTable::LoadTrainingIds(std::span<const int32_t> ids) {
  LoadIds(ids);
  const HostRowGroups groups = GroupRows(ids);
  group_count_ = static_cast<int>(groups.rows.size());
  group_rows_.Upload(groups.rows);
  group_starts_.Upload(groups.starts);
  group_samples_.Upload(groups.samples);
}

void EmbeddingTable::Forward(Matrix out) const {
  backend_.Gather(table.All(), ids_.data(), out);
}

void EmbeddingTable::Backward(ConstMatrix d_out) {
  backend_.SumGroups(d_out, groups(), gradient());
}

RowGroups EmbeddingTable::groups() const {
  return {group_rows_.data(), group_starts_.data(), group_samples_.data(), group_count_};
}

SparseParameter EmbeddingTable::View() const {
  return {.table = table.All(),
          .gradient = gradient(),
          .update = update(),
          .moment1 = moment1_.data(),
          .moment2 = moment2_.data(),
          .rows = group_rows_.data(),
          .count = group_count_};
}

}  // namespace spirogram::trainer
