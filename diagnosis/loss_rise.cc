#include "diagnosis/loss_rise.h"

#include <algorithm>
#include <cstddef>
#include <limits>
#include <optional>
#include <string_view>

#include "base/str.h"
#include "diagnosis/median.h"
#include "diagnosis/scalar_track.h"
#include "diagnosis/text.h"

namespace spirogram::diagnosis {
namespace {

constexpr int64_t kPointsOfStart = 50;
constexpr double kLargeUpdateRatio = 0.01;  // ten times what is usual (docs/diagnosis.md)
constexpr double kRising = 1.5;             // the learning rate against that of half the way
constexpr double kHeldOutRose = 1.1;        // times what it was
constexpr std::ptrdiff_t kHeldOutPoints = 3;
constexpr std::ptrdiff_t kHeldOutAfter = 2;
constexpr Step kJumpReach = 200;  // a jump explains what happens this many steps later at most

// The largest jump shortly before the loss rose, of whatever is logged.
std::string DescribeJump(const Context& context, Step since) {
  const Step from = since < std::numeric_limits<Step>::min() + kJumpReach
                        ? std::numeric_limits<Step>::min()
                        : since - kJumpReach;
  std::optional<ScalarTrack::Jump> largest;
  std::string what;
  const auto look = [&](const Context::Tracks& tracks, std::string_view noun, double value_min,
                        std::string_view before_name = " of ") {
    for (const auto& [name, track] : tracks) {
      const auto jump = track.LargestJump(from, since);
      if (!jump || jump->value < value_min || (largest && jump->z <= largest->z)) continue;
      largest = jump;
      what = name.empty() ? std::string(noun) : StrCat(noun, before_name, Excerpt(name));
    }
  };
  look(context.learning_rates, "The learning rate", 0);
  look(context.other_learning_rates, "The learning rate", 0, " ");
  look(context.layer_update_ratios, "The update ratio", kLargeUpdateRatio);
  look(context.table_update_ratios, "The update ratio", kLargeUpdateRatio);
  if (!largest) return "";
  return StrCat(what, " rose to ", Number(largest->value), " at step ", Thousands(largest->step),
                ", ", Number(largest->value / largest->usual), " times its usual ",
                Number(largest->usual), ". ");
}

// A learning rate that was rising all the while, as in a warm-up that ends too high.
std::string DescribeRisingRate(const Context& context, Step since) {
  for (const auto* rates : {&context.learning_rates, &context.other_learning_rates}) {
    for (const auto& [name, rate] : *rates) {
      if (rate.history().empty()) continue;
      const Step middle = rate.history().step().front() / 2 + since / 2;
      const double before = rate.PeakUpTo(middle);
      const double now = rate.PeakUpTo(since);
      if (!(before > 0 && now >= kRising * before)) continue;
      const bool is_group = rates == &context.learning_rates && !name.empty();
      return StrCat("The learning rate ", is_group ? "of " : "", Excerpt(name),
                    name.empty() ? "" : " ", "was still rising: from ", Number(before), " at step ",
                    Thousands(middle), " to ", Number(now), " by step ", Thousands(since), ". ");
    }
  }
  return "";
}

// The first layer that was dead when the loss rose, or null.
const DeadLayer* DeadLayerBy(const Context& context, Step since) {
  const DeadLayer* first = nullptr;
  for (const DeadLayer& dead : context.dead_layers) {
    if (dead.blocked_since > since) continue;
    if (first == nullptr || dead.blocked_since < first->blocked_since) first = &dead;
  }
  return first;
}

}  // namespace

std::optional<HeldOutKept> FindHeldOutKept(const Context& context, Step since) {
  std::optional<HeldOutKept> kept;
  for (const auto& [tag, blocks] : context.held_out_losses) {
    const auto split = std::upper_bound(blocks.step().begin(), blocks.step().end(), since);
    const auto before = split - blocks.step().begin();
    const auto after = blocks.step().end() - split;
    if (before == 0 || after < kHeldOutAfter) continue;
    const auto middle = blocks.mean().begin() + before;
    const double then = Median({middle - std::min(before, kHeldOutPoints), middle});
    const double now =
        Median({blocks.mean().end() - std::min(after, kHeldOutPoints), blocks.mean().end()});
    if (now > kHeldOutRose * then) return std::nullopt;
    kept = HeldOutKept{tag, then, now};
  }
  return kept;
}

LossExplanation ExplainRise(const Context& context, Step since, int64_t points_before) {
  if (const DeadLayer* dead = DeadLayerBy(context, since)) {
    return {StrCat("Layer ", dead->layer, " is dead since step ", Thousands(dead->blocked_since),
                   ": ", Thousands(dead->dead), " of its ", Counted(dead->units, "unit"),
                   " answer nothing to any sample, so the layers behind it see no input."),
            StrCat("Repair ", dead->layer, " first: the finding about it says how.")};
  }
  const std::string jump = DescribeJump(context, since);
  if (!jump.empty()) {
    return {jump + "Steps that large throw the weights away from where the loss is low.",
            "Find what raised it then. Start again from a checkpoint before this step with a lower "
            "learning rate, and clip gradients."};
  }
  const std::string rising = DescribeRisingRate(context, since);
  if (!rising.empty()) {
    return {rising + "On the way it became too high for this model.",
            "End the warm-up lower: at a third of the learning rate at which the loss rose, or "
            "less. Start again from a checkpoint before this step."};
  }
  if (points_before < kPointsOfStart) {
    return {"It rose almost from the start: the learning rate is too high for this model.",
            "Divide the learning rate by 10, or warm it up, and clip gradients."};
  }
  return {
      "What changed at that step is not logged: no learning rate or update ratio jumped far. "
      "Besides a step that was too large, a restart without its optimizer's state does this, "
      "other data, another weight of a part of the loss, or, where it is the loss of held-out "
      "data, overfitting.",
      "Compare data, loss weights and the state of the optimizer before and after this step. "
      "If nothing was meant to change, start again from a checkpoint before it with a lower "
      "learning rate, and clip gradients."};
}

}  // namespace spirogram::diagnosis
