#include "trainer/wide_deep.h"

#include <array>

namespace spirogram::trainer {
namespace {

constexpr double kEmbeddingDeviation = 0.1;

Mlp::Options DeepOptions(const WideDeep::Options& options) {
  return {.inputs = 2 * options.dims + 2 * options.small_dims + kClickFeatures,
          .hidden = options.hidden,
          .outputs = 1,
          .output_name = "logit",
          .batch_max = options.batch_max,
          .seed = options.seed};
}

// The ids of each table, in the order in which the constructor adds the tables.
std::array<const std::vector<int32_t>*, 4> DeepIds(const ClickBatch& batch) {
  return {&batch.user, &batch.item, &batch.city, &batch.category};
}
std::array<const std::vector<int32_t>*, 3> WideIds(const ClickBatch& batch) {
  return {&batch.user, &batch.item, &batch.cross};
}

}  // namespace

WideDeep::WideDeep(Backend& backend, const Options& options)
    : backend_(backend),
      deep_(backend, DeepOptions(options)),
      features_(backend, options.batch_max, kClickFeatures) {
  AddInput("user_embedding", options.users, options.dims, options);
  AddInput("item_embedding", options.items, options.dims, options);
  AddInput("city_embedding", options.cities, options.small_dims, options);
  AddInput("category_embedding", options.categories, options.small_dims, options);
  AddWide("wide_user", options.users, options);
  AddWide("wide_item", options.items, options);
  AddWide("wide_city_category", options.cities * options.categories, options);
  const int x_columns = width_ + kClickFeatures;
  x_ = Tensor(backend, options.batch_max, x_columns);
  d_x_ = Tensor(backend, options.batch_max, x_columns);
  wide_out_ = Tensor(backend, options.batch_max, 1);
}

void WideDeep::AddInput(const char* name, int rows, int dims, const Options& options) {
  Random random = RandomStream(options.seed, name);
  const EmbeddingTable::Shape shape{rows, dims, options.batch_max};
  inputs_.push_back(
      {std::make_unique<EmbeddingTable>(backend_, name, shape, kEmbeddingDeviation, random),
       width_});
  width_ += dims;
}

void WideDeep::AddWide(const char* name, int rows, const Options& options) {
  Random random = RandomStream(options.seed, name);
  const EmbeddingTable::Shape shape{rows, 1, options.batch_max};
  wide_.push_back(std::make_unique<EmbeddingTable>(backend_, name, shape, 0.0, random));
}

void WideDeep::LoadTrainingBatch(const ClickBatch& batch) {
  LoadFeatures(batch);
  for (size_t i = 0; i < inputs_.size(); ++i) inputs_[i].table->LoadTrainingIds(*DeepIds(batch)[i]);
  for (size_t i = 0; i < wide_.size(); ++i) wide_[i]->LoadTrainingIds(*WideIds(batch)[i]);
}

void WideDeep::LoadBatch(const ClickBatch& batch) {
  LoadFeatures(batch);
  for (size_t i = 0; i < inputs_.size(); ++i) inputs_[i].table->LoadIds(*DeepIds(batch)[i]);
  for (size_t i = 0; i < wide_.size(); ++i) wide_[i]->LoadIds(*WideIds(batch)[i]);
}

void WideDeep::LoadFeatures(const ClickBatch& batch) {
  batch_ = static_cast<int>(batch.user.size());
  features_.Upload(batch.features);
}

Matrix WideDeep::Forward() {
  for (const Input& input : inputs_) {
    input.table->Forward(x_.Columns(batch_, input.first_column, input.table->dims()));
  }
  const Matrix feature_columns = x_.Columns(batch_, width_, kClickFeatures);
  backend_.Copy(features_.Rows(batch_), feature_columns);
  const Matrix logits = deep_.Forward(x_.Rows(batch_));
  for (const auto& table : wide_) {
    table->Forward(wide_out_.Rows(batch_));
    backend_.Add(wide_out_.Rows(batch_), logits);
  }
  return logits;
}

void WideDeep::Backward() {
  const Matrix d_x = d_x_.Rows(batch_);
  deep_.Backward(&d_x);
  for (const Input& input : inputs_) {
    input.table->Backward(d_x_.Columns(batch_, input.first_column, input.table->dims()));
  }
  for (const auto& table : wide_) table->Backward(output_gradient());
}

std::vector<EmbeddingTable*> WideDeep::tables() {
  std::vector<EmbeddingTable*> tables;
  for (const Input& input : inputs_) tables.push_back(input.table.get());
  return tables;
}

std::vector<EmbeddingTable*> WideDeep::wide_tables() {
  std::vector<EmbeddingTable*> tables;
  for (const auto& table : wide_) tables.push_back(table.get());
  return tables;
}

}  // namespace spirogram::trainer
