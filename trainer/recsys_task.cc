#include "trainer/recsys_task.h"

#include <algorithm>
#include <span>
#include <utility>

#include "base/str.h"
#include "trainer/metrics.h"
#include "trainer/session.h"

namespace spirogram::trainer {
namespace {

std::map<std::string, logger::EmbeddingMetadata> MetadataOf(const ClickLog& log,
                                                            const RecsysOptions& options) {
  std::map<std::string, logger::EmbeddingMetadata> metadata;
  logger::EmbeddingMetadata& users = metadata["user_embedding"];
  users = {{"user", "taste", "city", "is_new", "activity_decile"}, {{}, {}, {}, {}, {}}};
  for (size_t u = 0; u < log.user_city.size(); ++u) {
    users.values[0].push_back(StrCat("user ", u));
    users.values[1].push_back(TasteName(log.user_taste[u]));
    users.values[2].push_back(CityName(log.user_city[u]));
    users.values[3].push_back(log.user_is_new[u] ? "new" : "returning");
    users.values[4].push_back(StrCat(log.user_activity_decile[u]));
  }
  logger::EmbeddingMetadata& items = metadata["item_embedding"];
  items = {{"item", "style", "category", "popularity_decile"}, {{}, {}, {}, {}}};
  for (size_t i = 0; i < log.item_category.size(); ++i) {
    items.values[0].push_back(StrCat("item ", i));
    items.values[1].push_back(StyleName(log.item_style[i]));
    items.values[2].push_back(CategoryName(log.item_category[i]));
    items.values[3].push_back(StrCat(log.item_popularity_decile[i]));
  }
  logger::EmbeddingMetadata& cities = metadata["city_embedding"];
  cities = {{"city"}, {{}}};
  for (int c = 0; c < options.data.cities; ++c) cities.values[0].push_back(CityName(c));
  logger::EmbeddingMetadata& categories = metadata["category_embedding"];
  categories = {{"category"}, {{}}};
  for (int c = 0; c < options.data.categories; ++c) {
    categories.values[0].push_back(CategoryName(c));
  }
  return metadata;
}

Hparams HparamsOf(const RecsysOptions& options) {
  Hparams hparams = CommonHparams(options.train);
  hparams.emplace_back("model", std::string("wide_deep"));
  hparams.emplace_back("hidden", JoinUnits(options.hidden));
  hparams.emplace_back("dims", static_cast<double>(options.dims));
  hparams.emplace_back("users", static_cast<double>(options.data.users));
  hparams.emplace_back("items", static_cast<double>(options.data.items));
  const RecsysFaults& faults = options.faults;
  hparams.emplace_back("item_embedding_learning_rate_scale",
                       faults.item_embedding_learning_rate_scale);
  hparams.emplace_back("dying_relu_step", static_cast<double>(faults.dying_relu_step));
  if (faults.dying_relu_step > 0) {
    hparams.emplace_back("dying_relu_bias_drift", faults.dying_relu_bias_drift);
  }
  return hparams;
}

void AddFaults(const RecsysFaults& faults, TrainOptions* train) {
  if (faults.item_embedding_learning_rate_scale != 1) {
    train->rate_scales.push_back(
        {.group = "item_embedding", .scale = faults.item_embedding_learning_rate_scale});
  }
  if (faults.dying_relu_step > 0) {
    train->bias_drifts.push_back({.group = "hidden_1",
                                  .per_step = faults.dying_relu_bias_drift,
                                  .first_step = faults.dying_relu_step});
  }
}

// Deciles 0 to 9 as -0.9 to 0.9: mean 0, so that no unit starts on one side.
float Centered(int decile) {
  return static_cast<float>(decile) * 0.2f - 0.9f;
}

}  // namespace

RecsysTask::RecsysTask(Backend& backend, const RecsysOptions& options, const ClickLog& log)
    : backend_(backend),
      log_(log),
      batch_max_(options.train.batch),
      categories_(options.data.categories),
      batches_(log.train_count, static_cast<size_t>(options.train.batch), options.train.seed),
      model_(backend, {.users = options.data.users,
                       .items = options.data.items,
                       .cities = options.data.cities,
                       .categories = options.data.categories,
                       .dims = options.dims,
                       .small_dims = options.small_dims,
                       .hidden = options.hidden,
                       .batch_max = options.train.batch,
                       .seed = options.train.seed}),
      scores_(backend, options.train.batch),
      labels_(backend, static_cast<size_t>(options.train.batch)),
      metadata_(MetadataOf(log, options)) {}

void RecsysTask::LoadBatch() {
  ClearHostBatch();
  for (const uint32_t impression : batches_.Next()) Append(impression);
  UploadLabels();
  model_.LoadTrainingBatch(host_);
}

void RecsysTask::Forward() {
  logits_ = model_.Forward();
  backend_.SigmoidCrossEntropy(logits_, labels_.data(), model_.output_gradient(), scores_.loss(),
                               scores_.correct());
}

Task::Metrics RecsysTask::Validate() {
  double loss = 0;
  double correct = 0;
  std::vector<float> scores(log_.validation_count());
  for (size_t done = 0; done < scores.size(); done += static_cast<size_t>(batch_)) {
    ClearHostBatch();
    const size_t count = std::min(static_cast<size_t>(batch_max_), scores.size() - done);
    for (size_t i = 0; i < count; ++i) Append(log_.train_count + done + i);
    UploadLabels();
    model_.LoadBatch(host_);
    Forward();
    const BatchScores::Means means = Scores();
    loss += means.loss * static_cast<double>(count);
    correct += means.accuracy * static_cast<double>(count);
    backend_.Download(scores.data() + done, logits_.data, count * sizeof(float));
  }
  const auto samples = static_cast<double>(scores.size());
  const auto labels = std::span(log_.label).subspan(log_.train_count);
  return {{"loss/validation", loss / samples},
          {"accuracy/validation", correct / samples},
          {"auc/validation", AreaUnderRoc(scores, labels)}};
}

const logger::EmbeddingMetadata* RecsysTask::Metadata(const std::string& table) const {
  const auto found = metadata_.find(table);
  return found == metadata_.end() ? nullptr : &found->second;
}

void RecsysTask::Append(size_t impression) {
  const int32_t user = log_.user[impression];
  const int32_t item = log_.item[impression];
  const auto u = static_cast<size_t>(user);
  const auto i = static_cast<size_t>(item);
  const int32_t city = log_.user_city[u];
  const int32_t category = log_.item_category[i];
  host_.user.push_back(user);
  host_.item.push_back(item);
  host_.city.push_back(city);
  host_.category.push_back(category);
  host_.cross.push_back(city * categories_ + category);
  host_.features.push_back(log_.user_is_new[u] ? 1.0f : 0.0f);
  host_.features.push_back(Centered(log_.user_activity_decile[u]));
  host_.features.push_back(Centered(log_.item_popularity_decile[i]));
  host_.label.push_back(log_.label[impression]);
}

void RecsysTask::ClearHostBatch() {
  for (auto* ids : {&host_.user, &host_.item, &host_.city, &host_.category, &host_.cross}) {
    ids->clear();
  }
  host_.features.clear();
  host_.label.clear();
}

void RecsysTask::UploadLabels() {
  batch_ = static_cast<int>(host_.label.size());
  labels_.Upload(host_.label);
}

namespace {

Status CheckSizes(const RecsysOptions& options, const ClickLog& log) {
  RETURN_IF_ERROR(CheckTrainOptions(options.train, log.train_count));
  RETURN_IF_ERROR(CheckUnits(options.hidden));
  return CheckUnits({options.dims, options.small_dims});
}

Result<TrainSummary> TrainOn(const ClickLog& log, const RecsysOptions& options,
                             logger::Logger& logger, const TrainObserver& observer,
                             const std::stop_token& stop) {
  RETURN_IF_ERROR(CheckSizes(options, log));
  ASSIGN_OR_RETURN(OpenedBackend device, OpenForTraining(options.train, logger, observer));
  TrainOptions train = options.train;
  AddFaults(options.faults, &train);
  RecsysTask task(*device.backend, options, log);
  return Train(train, task, device, logger, observer, stop);
}

}  // namespace

Result<ClickLog> PrepareRecsys(const RecsysOptions& options) {
  ASSIGN_OR_RETURN(ClickLog log, GenerateClickLog(options.data));
  RETURN_IF_ERROR(CheckSizes(options, log));
  RETURN_IF_ERROR(CheckDevice(options.train.device));
  return log;
}

Result<TrainSummary> TrainRecsys(const RecsysOptions& options, const ClickLog& log,
                                 logger::Logger& logger, const TrainObserver& observer,
                                 const std::stop_token& stop) {
  return RunSession(logger, HparamsOf(options),
                    [&] { return TrainOn(log, options, logger, observer, stop); });
}

Result<TrainSummary> TrainRecsys(const RecsysOptions& options, logger::Logger& logger,
                                 const TrainObserver& observer, const std::stop_token& stop) {
  return RunSession(logger, HparamsOf(options), [&]() -> Result<TrainSummary> {
    ASSIGN_OR_RETURN(const ClickLog log, GenerateClickLog(options.data));
    return TrainOn(log, options, logger, observer, stop);
  });
}

}  // namespace spirogram::trainer
