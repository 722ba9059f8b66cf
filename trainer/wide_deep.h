// A Wide & Deep recommendation model (Cheng et al. 2016). The wide part adds one learned number
// per user, per item and per (city, category) pair; the deep part feeds embeddings and features
// through hidden layers. Their sum is the logit of a click.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "trainer/mlp.h"

namespace spirogram::trainer {

// One batch on the host, column by column; every column has B entries.
struct ClickBatch {
  std::vector<int32_t> user;
  std::vector<int32_t> item;
  std::vector<int32_t> city;
  std::vector<int32_t> category;
  std::vector<int32_t> cross;   // city * categories + category
  std::vector<float> features;  // row-major [B, kClickFeatures]
  std::vector<float> label;
};

inline constexpr int kClickFeatures = 3;  // user is new, user's activity, item's popularity

class WideDeep final : public Model {
 public:
  struct Options {
    int users = 0;
    int items = 0;
    int cities = 0;
    int categories = 0;
    int dims = 16;       // of user and item embeddings
    int small_dims = 8;  // of city and category embeddings
    std::vector<int> hidden = {64, 32};
    int batch_max = 0;
    uint64_t seed = 1;
  };

  WideDeep(Backend& backend, const Options& options);

  // Copies the batch to the backend; the second without what Backward needs.
  void LoadTrainingBatch(const ClickBatch& batch);
  void LoadBatch(const ClickBatch& batch);
  // The logits [B, 1] of the loaded batch.
  Matrix Forward();
  // From the gradient that the caller wrote into output_gradient().
  void Backward();
  Matrix output_gradient() const { return deep_.output_gradient(); }

  std::vector<DenseLayer*> layers() override { return deep_.layers(); }
  std::vector<EmbeddingTable*> tables() override;
  std::vector<EmbeddingTable*> wide_tables() override;

 private:
  // A table with its columns of the deep part's input.
  struct Input {
    std::unique_ptr<EmbeddingTable> table;
    int first_column = 0;
  };

  void AddInput(const char* name, int rows, int dims, const Options& options);
  void AddWide(const char* name, int rows, const Options& options);
  void LoadFeatures(const ClickBatch& batch);

  Backend& backend_;
  int width_ = 0;                                      // of the deep part's input
  std::vector<Input> inputs_;                          // user, item, city, category
  std::vector<std::unique_ptr<EmbeddingTable>> wide_;  // user, item, cross
  Mlp deep_;
  int batch_ = 0;
  Tensor features_;  // [B, kClickFeatures]
  Tensor x_;         // [B, width_]
  Tensor d_x_;
  Tensor wide_out_;  // [B, 1]
};

}  // namespace spirogram::trainer
