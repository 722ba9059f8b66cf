// A click log made from a seed: which user saw which item, and whether they clicked.
//
// Users live in cities and items belong to categories. Both have latent factors: a user's are near
// their city's, an item's near its category's, so that a model can learn much from few clicks.
// Users also share one of a few tastes and items one of a few styles. Those no model is told: its
// embeddings have to find them, and a map of the embeddings shows whether they did. Who appears how
// often follows Zipf's law; some users are new and rarely seen. The click is drawn with probability
// sigmoid(affinity of factors + item quality + user propensity + bias), which is kept: no model can
// rank better than it does, and BayesAuc() says how well that is.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"

namespace spirogram::trainer {

inline constexpr int kTastes = 6;
inline constexpr int kStyles = 8;

struct ClickLogOptions {
  int users = 4'000;
  int items = 2'000;
  int cities = 50;
  int categories = 20;
  int impressions = 1'000'000;
  double validation_share = 0.04;
  double user_zipf = 0.6;  // exponent; 0 means all are equally frequent
  double item_zipf = 0.8;
  double new_user_share = 0.2;
  uint64_t seed = 1;
};

struct ClickLog {
  // Per user.
  std::vector<int32_t> user_city;
  std::vector<int32_t> user_taste;  // of kTastes
  std::vector<uint8_t> user_is_new;
  std::vector<int> user_activity_decile;  // 0 to 9, by impressions in the log
  // Per item.
  std::vector<int32_t> item_category;
  std::vector<int32_t> item_style;  // of kStyles
  std::vector<int> item_popularity_decile;
  // Per impression; the first train_count are for training, the others for validation.
  std::vector<int32_t> user;
  std::vector<int32_t> item;
  std::vector<float> label;  // 1 where the user clicked
  std::vector<float> click_probability;
  size_t train_count = 0;

  size_t size() const { return user.size(); }
  size_t validation_count() const { return size() - train_count; }
};

// kInvalidArgument names the option that makes no sense.
Result<ClickLog> GenerateClickLog(const ClickLogOptions& options);

// Area under the ROC curve of the true click probabilities on the validation part.
double BayesAuc(const ClickLog& log);

// "Oslo"; numbered from the 51st on. "Books"; numbered from the 21st on.
std::string CityName(int city);
std::string CategoryName(int category);
// REQUIRES: 0 <= taste < kTastes, 0 <= style < kStyles.
std::string TasteName(int taste);
std::string StyleName(int style);

}  // namespace spirogram::trainer
