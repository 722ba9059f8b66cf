#include "diagnosis/diagnosis.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <map>
#include <optional>
#include <string_view>
#include <tuple>
#include <utility>

#include "diagnosis/context.h"
#include "diagnosis/dead_units.h"
#include "diagnosis/double_softmax.h"
#include "diagnosis/embedding_collapse.h"
#include "diagnosis/fallen_silent.h"
#include "diagnosis/generative.h"
#include "diagnosis/input_wait.h"
#include "diagnosis/loss_and_accuracy.h"
#include "diagnosis/loss_flat.h"
#include "diagnosis/loss_growth.h"
#include "diagnosis/loss_spike.h"
#include "diagnosis/memory_growth.h"
#include "diagnosis/non_finite.h"
#include "diagnosis/one_answer.h"
#include "diagnosis/overfitting.h"
#include "diagnosis/piled_gradients.h"
#include "diagnosis/slow_descent.h"
#include "diagnosis/slow_layers.h"
#include "diagnosis/slow_steps.h"
#include "diagnosis/stalled_rows.h"
#include "diagnosis/still_tensors.h"
#include "diagnosis/tag_words.h"
#include "diagnosis/zero_rate.h"

namespace spirogram::diagnosis {
namespace {

using store::Check;
using store::Finding;

// The part of `tag` between a prefix and a suffix: LAYER of "layers/LAYER/units". Nothing when the
// tag is built otherwise or the name is empty. The view points into `tag`.
std::optional<std::string_view> NameIn(std::string_view tag, std::string_view prefix,
                                       std::string_view suffix) {
  if (tag.size() <= prefix.size() + suffix.size()) return std::nullopt;
  if (!tag.starts_with(prefix) || !tag.ends_with(suffix)) return std::nullopt;
  return tag.substr(prefix.size(), tag.size() - prefix.size() - suffix.size());
}

auto LayerOfUnits(std::string_view tag) {
  return NameIn(tag, "layers/", "/units");
}
auto TableOfRows(std::string_view tag) {
  return NameIn(tag, "embeddings/", "/rows");
}
auto LayerOfRatio(std::string_view tag) {
  return NameIn(tag, "layers/", "/update_ratio");
}
auto TableOfRatio(std::string_view tag) {
  return NameIn(tag, "embeddings/", "/update_ratio");
}

std::optional<std::string_view> GroupOfRate(std::string_view tag) {
  if (tag == "learning_rate") return "";
  return NameIn(tag, "learning_rate/", "");
}

bool IsWorse(const Finding& a, const Finding& b) {
  // An open finding matters more than one that is over, whatever that one was. What was certain
  // first goes before what follows from it: onsets are dated back to the first step of a window,
  // which is earlier for rows without a gradient than for the layer that died and cut them off.
  const auto rank = [](const Finding& finding) {
    return std::tuple(!finding.is_open, -static_cast<int>(finding.severity), finding.detected_step,
                      finding.onset_step);
  };
  return std::tuple_cat(rank(a), std::tie(a.rule, a.entity)) <
         std::tuple_cat(rank(b), std::tie(b.rule, b.entity));
}

}  // namespace

struct RunDiagnosis::State {
  std::map<std::string, Step, std::less<>> last_step;
  std::map<std::string, DeadUnits, std::less<>> layers;
  std::map<std::string, StalledRows, std::less<>> tables;
  NonFinite non_finite;
  LossGrowth loss_growth;
  LossSpike loss_spike;
  LossFlat loss_flat;
  LossAndAccuracy measures;
  Overfitting overfitting;
  StillTensors still_tensors;
  FallenSilent fallen_silent;
  EmbeddingCollapse embedding_collapse;
  InputWait input_wait;
  SlowSteps slow_steps;
  MemoryGrowth memory_growth;
  bool is_held_out = false;  // all of the run
  SlowDescent slow_descent;
  SlowLayers slow_layers;
  Generative generative;
  PiledGradients piled_gradients;
  ZeroRate zero_rate;
  Context context;

  ScalarTrack* TrackFor(std::string_view tag);
  void AddMovingTarget(const std::string& tag);
  void AddMissing(store::Diagnosis* diagnosis) const;
};

// Null when the scalar is no witness for any rule.
ScalarTrack* RunDiagnosis::State::TrackFor(std::string_view tag) {
  if (const auto layer = LayerOfRatio(tag)) {
    return &context.layer_update_ratios[std::string(*layer)];
  }
  if (const auto table = TableOfRatio(tag)) {
    return &context.table_update_ratios[std::string(*table)];
  }
  if (const auto group = GroupOfRate(tag)) return &context.learning_rates[std::string(*group)];
  if (IsLearningRate(tag)) return &context.other_learning_rates[std::string(tag)];
  return nullptr;
}

void RunDiagnosis::State::AddMovingTarget(const std::string& tag) {
  if (context.moving_target.empty() || tag < context.moving_target) context.moving_target = tag;
}

// What the run has but does not log well enough to be checked.
void RunDiagnosis::State::AddMissing(store::Diagnosis* diagnosis) const {
  const auto add = [diagnosis](const char* rule, const std::string& entity, std::string reason) {
    diagnosis->checks.push_back({rule, entity, Check::State::kNotChecked, std::move(reason)});
  };
  for (const auto& [layer, track] : context.layer_update_ratios) {
    if (layers.contains(layer)) continue;
    add("dead_units", layer, "no unit statistics are logged: layers/" + layer + "/units");
  }
  for (const auto& [table, track] : context.table_update_ratios) {
    if (tables.contains(table)) continue;
    add("stalled_rows", table, "no row statistics are logged: embeddings/" + table + "/rows");
  }
  if (layers.empty() && context.layer_update_ratios.empty()) {
    add("dead_units", "", "no unit statistics are logged: layers/LAYER/units");
  }
  if (tables.empty() && context.table_update_ratios.empty()) {
    add("stalled_rows", "", "no row statistics are logged: embeddings/TABLE/rows");
  }
}

RunDiagnosis::RunDiagnosis(std::string_view run_name) : state_(std::make_unique<State>()) {
  state_->is_held_out = IsHeldOutRun(run_name);
}
RunDiagnosis::~RunDiagnosis() = default;
RunDiagnosis::RunDiagnosis(RunDiagnosis&&) noexcept = default;
RunDiagnosis& RunDiagnosis::operator=(RunDiagnosis&&) noexcept = default;

bool RunDiagnosis::Reads(std::string_view tag) {
  return LayerOfUnits(tag) || TableOfRows(tag) || LayerOfRatio(tag) || TableOfRatio(tag) ||
         GroupOfRate(tag) || IsLearningRate(tag) || IsQuality(tag) || NonFinite::Watches(tag) ||
         InputWait::Watches(tag) || SlowSteps::Watches(tag) || MemoryGrowth::Watches(tag) ||
         IsDivergence(tag) || IsReconstruction(tag) || IsTrainingLoss(tag) || IsOfMovingTarget(tag);
}

void RunDiagnosis::Add(const std::string& tag, const store::EntityStats& window) {
  const auto layer = LayerOfUnits(tag);
  const auto table = TableOfRows(tag);
  if (!layer && !table) return;
  if (const auto last = state_->last_step.find(tag);
      last != state_->last_step.end() && window.step <= last->second) {
    return;
  }
  state_->last_step[tag] = window.step;
  if (layer) {
    const std::string name(*layer);
    state_->layers.try_emplace(name, name).first->second.Add(window);
  } else {
    const std::string name(*table);
    state_->tables.try_emplace(name, name).first->second.Add(window);
  }
}

void RunDiagnosis::Add(const std::string& tag, const store::ScalarRows& scalars) {
  if (LayerOfUnits(tag) || TableOfRows(tag)) return;  // a tag of another kind
  if (!Reads(tag)) return;
  ScalarTrack* track = state_->TrackFor(tag);
  const bool may_be_lost = NonFinite::Watches(tag);
  const bool is_training_loss = IsTrainingLoss(tag);
  const bool is_of_training_data = IsOfTrainingData(tag);
  const bool is_held_out_loss =
      IsHeldOutLoss(tag) || (state_->is_held_out && is_training_loss && !is_of_training_data);
  const bool is_time = InputWait::Watches(tag);
  const bool is_pace = SlowSteps::Watches(tag);
  const bool is_memory = MemoryGrowth::Watches(tag);
  const bool is_generative = Generative::Watches(tag);
  const bool is_rate = ZeroRate::Watches(tag);
  const bool is_quality = IsQuality(tag);
  const bool is_accuracy = IsAccuracy(tag);
  const bool is_area = IsArea(tag);
  const bool is_gradient_norm = IsGradientNorm(tag);
  const auto layer = LayerOfRatio(tag);
  if (!is_training_loss && IsOfMovingTarget(tag)) state_->AddMovingTarget(tag);
  const size_t rows =
      std::min({scalars.step.size(), scalars.wall_time.size(), scalars.mean.size(),
                scalars.max.size(), scalars.count.size(), scalars.nonfinite.size()});
  Step& last = state_->last_step.try_emplace(tag, INT64_MIN).first->second;
  for (size_t i = 0; i < rows; ++i) {
    if (scalars.step[i] <= last) continue;
    last = scalars.step[i];
    if (may_be_lost) state_->non_finite.Add(tag, scalars, i);
    const double value = scalars.nonfinite[i] > 0 ? NAN : scalars.mean[i];
    if (is_training_loss) state_->loss_growth.Add(tag, last, value);
    if (std::isfinite(value)) {
      if (is_training_loss) {
        state_->loss_flat.AddLoss(tag, last, value);
        state_->loss_spike.Add(tag, last, value);
      }
      if (is_training_loss || is_held_out_loss) {
        state_->measures.AddLoss(tag, last, value);
      }
      if (is_held_out_loss) {
        state_->overfitting.AddHeldOut(tag, last, value);
        state_->slow_descent.AddHeldOut(tag, last, value);
        state_->loss_flat.AddHeldOut(tag);
        state_->context.held_out_losses[tag].Add(last, value);
      } else if (is_training_loss) {
        state_->overfitting.AddTraining(tag, last, value);
      }
      if (is_time) state_->input_wait.Add(tag, last, value);
      if (is_pace) state_->slow_steps.Add(tag, last, scalars.wall_time[i], value);
      if (is_memory) state_->memory_growth.Add(tag, last, value);
      if (is_generative) state_->generative.Add(tag, last, value);
      if (is_rate) state_->zero_rate.Add(tag, last, value, scalars.max[i]);
      if (is_quality && !is_of_training_data) state_->overfitting.AddQuality(tag, last, value);
      if (is_accuracy) {
        state_->loss_flat.AddAccuracy(tag, value);
        state_->measures.AddAccuracy(tag, last, value);
      }
      if (is_area) state_->loss_flat.AddArea(tag, value);
      if (is_gradient_norm) {
        state_->loss_flat.AddGradientNorm(value);
        state_->piled_gradients.Add(tag, last, value);
        double& largest = state_->context.gradient_norms[tag];
        largest = std::max(largest, value);
      }
    }
    if (track == nullptr) continue;
    const bool is_magnitude = std::isfinite(scalars.max[i]) && scalars.max[i] >= 0;
    if (layer && is_magnitude) state_->slow_layers.Add(std::string(*layer), last, scalars.max[i]);
    if (scalars.nonfinite[i] > 0) track->AddNonFinite(last);
    track->Add(last, scalars.mean[i], scalars.max[i]);
  }
}

bool RunDiagnosis::ReadsHistograms(std::string_view tag) {
  return TensorOf(tag).has_value();
}

bool RunDiagnosis::WantsHistograms(std::string_view tag) const {
  return state_->still_tensors.Wants(tag);
}

void RunDiagnosis::Add(const std::string& tag, std::span<const store::Histogram> histograms) {
  if (!ReadsHistograms(tag)) return;
  state_->still_tensors.Add(tag, histograms);
  state_->fallen_silent.Add(tag, histograms);
}

void RunDiagnosis::Add(const std::string& tag, Step step,
                       const projector::EmbeddingStatistics& statistics) {
  state_->embedding_collapse.Add(tag, step, statistics);
}

void RunDiagnosis::Skip(const std::string& tag, std::string reason) {
  state_->embedding_collapse.Skip(tag, std::move(reason));
}

Step RunDiagnosis::LastStep(const std::string& tag) const {
  const auto it = state_->last_step.find(tag);
  return it == state_->last_step.end() ? INT64_MIN : it->second;
}

store::Diagnosis RunDiagnosis::Conclude() const {
  Context context = state_->context;
  for (const auto& [name, table] : state_->tables) context.table_speeds.push_back(table.GetSpeed());
  for (const auto& [name, layer] : state_->layers) {
    if (const auto dead = layer.AsCause()) context.dead_layers.push_back(*dead);
  }
  context.gradient_magnitudes = state_->still_tensors.Gradients();

  store::Diagnosis diagnosis;
  for (const auto& [name, layer] : state_->layers) layer.Conclude(context, &diagnosis);
  for (const auto& [name, table] : state_->tables) table.Conclude(context, &diagnosis);
  state_->AddMissing(&diagnosis);
  state_->non_finite.Conclude(&diagnosis);
  state_->loss_growth.Conclude(context, &diagnosis);
  state_->loss_spike.Conclude(context, &diagnosis);
  state_->still_tensors.Conclude(&diagnosis);
  state_->fallen_silent.Conclude(&diagnosis);
  state_->embedding_collapse.Conclude(&diagnosis);
  state_->loss_flat.Conclude(context, &diagnosis);
  ConcludeDoubleSoftmax(state_->measures, &diagnosis);
  ConcludeOneAnswer(state_->measures, &diagnosis);
  state_->overfitting.Conclude(context, &diagnosis);
  state_->slow_descent.Conclude(context, &diagnosis);
  state_->input_wait.Conclude(&diagnosis);
  state_->slow_steps.Conclude(context, &diagnosis);
  state_->memory_growth.Conclude(context, &diagnosis);
  state_->slow_layers.Conclude(context, &diagnosis);
  state_->piled_gradients.Conclude(&diagnosis);
  state_->generative.Conclude(context, &diagnosis);
  state_->zero_rate.Conclude(&diagnosis);
  std::stable_sort(diagnosis.findings.begin(), diagnosis.findings.end(), IsWorse);
  return diagnosis;
}

}  // namespace spirogram::diagnosis
