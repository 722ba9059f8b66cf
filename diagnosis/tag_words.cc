#include "diagnosis/tag_words.h"

#include <algorithm>
#include <array>
#include <string>
#include <vector>

namespace spirogram::diagnosis {
namespace {

// Words that say nothing against a training loss: "Train/Samples/train_loss" is DeepSpeed's, "lm
// loss" Megatron's, "reduced_train_loss" NeMo's, "learning/loss" MaxText's. Not "running" or
// "average": a mean that begins at 0 rises to its level.
constexpr std::array<std::string_view, 22> kTrainingWords = {
    "loss",  "losses", "train",   "training", "total",   "epoch", "batch", "step",
    "steps", "iter",   "ce",      "cross",    "entropy", "nll",   "mse",   "objective",
    "lm",    "inner",  "samples", "learning", "reduced", "mae"};

constexpr std::array<std::string_view, 2> kTrainingDataWords = {"train", "training"};
constexpr std::array<std::string_view, 10> kHeldOutWords = {
    "val",  "valid",   "validation", "eval",    "evaluation",
    "test", "testing", "dev",        "holdout", "heldout"};
// At the end of the name of a run. Not "test" or "dev": people call their first tries so.
constexpr std::array<std::string_view, 5> kHeldOutRunWords = {"val", "valid", "validation", "eval",
                                                              "evaluation"};
// Of a loss of held-out data, besides those of a training loss.
constexpr std::array<std::string_view, 6> kOfHeldOutWords = {"vs",  "iterations", "box",
                                                             "cls", "dfl",        "held"};

constexpr std::array<std::string_view, 11> kQualityWords = {
    "accuracy", "acc", "map", "f", "auc", "auroc", "iou", "miou", "dice", "bleu", "rouge"};

constexpr std::array<std::string_view, 25> kMovingTargetWords = {
    "reward",   "rewards",   "rew",     "return",    "returns",       "episode",     "episodes",
    "episodic", "rollout",   "ep",      "td",        "epsilon",       "policy",      "actor",
    "critic",   "advantage", "gan",     "generator", "discriminator", "adversarial", "qf",
    "dqn",      "qvalue",    "qvalues", "rollouts"};

// A score or a value of actions, as "score", "avg_score" or "q_mean": but "f1_score" and the "q" of
// an attention are none, so all of the tag must be of these words.
constexpr std::array<std::string_view, 2> kScoreWords = {"score", "scores"};
constexpr std::array<std::string_view, 1> kActionValueWords = {"q"};
constexpr std::array<std::string_view, 20> kOfScoreWords = {
    "mean",   "avg",     "average",   "max",    "min",    "std",    "best",
    "last",   "running", "moving",    "game",   "train",  "loss",   "value",
    "values", "target",  "predicted", "charts", "losses", "metrics"};

// Of the time that a step takes.
constexpr std::array<std::string_view, 19> kStepTimeWords = {
    "time", "train",  "training", "batch", "iter",       "iteration", "step",
    "perf", "timing", "avg",      "mean",  "sec",        "secs",      "s",
    "ms",   "second", "seconds",  "per",   "performance"};
// "step_ms" tells a time by its unit.
constexpr std::array<std::string_view, 6> kTimeWords = {"time",    "timing", "ms",
                                                        "seconds", "secs",   "sec"};
constexpr std::array<std::string_view, 4> kOneStepWords = {"batch", "iter", "iteration", "step"};
// And of what it waits of that.
constexpr std::array<std::string_view, 7> kWaitWords = {"data",   "wait",       "load", "loading",
                                                        "loader", "dataloader", "input"};
constexpr std::array<std::string_view, 4> kWaitedForWords = {"data", "dataloader", "loader",
                                                             "input"};
// Of how much there is in a second.
constexpr std::array<std::string_view, 5> kSecondWords = {"s", "sec", "secs", "second", "seconds"};
constexpr std::array<std::string_view, 22> kCountedWords = {
    "steps", "samples", "tokens", "images",   "imgs",      "it",   "its", "iters",
    "items", "batches", "step",   "batch",    "sequences", "seqs", "tok", "iterations",
    "iter",  "sample",  "token",  "examples", "example",   "image"};
constexpr std::array<std::string_view, 15> kOfRateWords = {
    "per", "train", "training", "perf",   "performance", "time",       "timing", "speed",
    "avg", "mean",  "gpu",      "device", "metrics",     "throughput", "epoch"};
// Of memory in use.
constexpr std::array<std::string_view, 5> kMemoryWords = {"memory", "mem", "rss", "vram", "ram"};
constexpr std::array<std::string_view, 29> kOfMemoryWords = {
    "system", "process",  "proc",  "gpu",    "cuda",  "cpu",      "host",      "device",
    "used",   "usage",    "in",    "use",    "alloc", "reserved", "allocated", "max",
    "peak",   "mb",       "mib",   "gb",     "gib",   "bytes",    "percent",   "current",
    "perf",   "resident", "limit", "active", "train"};

constexpr std::array<std::string_view, 4> kGradientWords = {"grad", "grads", "gradient",
                                                            "gradients"};
constexpr std::array<std::string_view, 5> kActivationWords = {"activation", "activations", "act",
                                                              "acts", "relu"};
constexpr std::array<std::string_view, 7> kWeightWords = {"weight", "weights", "kernel",    "bias",
                                                          "param",  "params",  "parameters"};
constexpr std::array<std::string_view, 6> kTableWords = {"table", "lookup",     "codebook",
                                                         "vocab", "vocabulary", "wte"};
// Of those, what stands for all parameters and names none.
constexpr std::array<std::string_view, 4> kGroupWords = {"weights", "param", "params",
                                                         "parameters"};

constexpr std::array<std::string_view, 3> kDivergenceWords = {"kl", "kld", "kldiv"};
constexpr std::array<std::string_view, 6> kOfDivergenceWords = {"loss", "losses",     "train",
                                                                "term", "divergence", "training"};
constexpr std::array<std::string_view, 4> kDiscriminatorWords = {"d", "disc", "discriminator",
                                                                 "netd"};
constexpr std::array<std::string_view, 4> kGeneratorWords = {"g", "gen", "generator", "netg"};
// Of a loss of either side of a GAN, besides its own word.
constexpr std::array<std::string_view, 9> kOfSideWords = {
    "loss", "losses", "train", "training", "total", "step", "gan", "epoch", "err"};

// Of a loss or an accuracy, what tells nothing of its data.
constexpr std::array<std::string_view, 12> kMeasureWords = {
    "loss",  "losses",  "accuracy",    "acc",    "epoch", "step",
    "cross", "entropy", "categorical", "sparse", "total", "metrics"};

char Lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

std::string LowerOf(std::string_view text) {
  std::string lower(text);
  std::transform(lower.begin(), lower.end(), lower.begin(), Lower);
  return lower;
}

bool Holds(const std::string& text, const char* part) {
  return text.find(part) != std::string::npos;
}

// Runs of letters, in lower case; a capital after a small letter begins another: "trainLoss".
std::vector<std::string> WordsOf(std::string_view tag) {
  std::vector<std::string> words;
  char before = ' ';
  for (const char c : tag) {
    const bool is_capital = c >= 'A' && c <= 'Z';
    const bool is_letter = is_capital || (c >= 'a' && c <= 'z');
    const bool follows_letter = Lower(before) >= 'a' && Lower(before) <= 'z';
    const bool begins = !follows_letter || (is_capital && before >= 'a');
    if (is_letter && begins) words.emplace_back();
    if (is_letter) words.back().push_back(Lower(c));
    before = c;
  }
  return words;
}

// Between other characters than letters and digits, in lower case.
std::vector<std::string> PartsOf(std::string_view tag) {
  std::vector<std::string> parts(1);
  for (const char c : tag) {
    const bool is_of_part = (Lower(c) >= 'a' && Lower(c) <= 'z') || (c >= '0' && c <= '9');
    if (is_of_part) {
      parts.back().push_back(Lower(c));
    } else if (!parts.back().empty()) {
      parts.emplace_back();
    }
  }
  return parts;
}

template <size_t N>
bool IsAmong(const std::array<std::string_view, N>& known, std::string_view word) {
  return std::find(known.begin(), known.end(), word) != known.end();
}

bool Hold(const std::vector<std::string>& words, std::string_view word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

template <size_t N>
bool HoldAny(const std::vector<std::string>& words, const std::array<std::string_view, N>& known) {
  return std::any_of(words.begin(), words.end(),
                     [&known](const std::string& word) { return IsAmong(known, word); });
}

// "steps_per_second", and not "seconds_per_step".
bool IsPerSecond(const std::vector<std::string>& words) {
  const auto per = std::find(words.begin(), words.end(), "per");
  return per != words.end() && per + 1 != words.end() && IsAmong(kSecondWords, *(per + 1));
}

// Whether one of the words is among `marks`, and each other one among `others`.
template <size_t N, size_t M>
bool IsMadeOf(const std::vector<std::string>& words, const std::array<std::string_view, N>& marks,
              const std::array<std::string_view, M>& others) {
  const auto is_mark = [&marks](const std::string& word) { return IsAmong(marks, word); };
  return std::any_of(words.begin(), words.end(), is_mark) &&
         std::all_of(words.begin(), words.end(), [&](const std::string& word) {
           return is_mark(word) || IsAmong(others, word);
         });
}

}  // namespace

bool IsLoss(std::string_view tag) {
  const std::string lower = LowerOf(tag);
  return Holds(lower, "loss") && !Holds(lower, "scale");
}

bool IsGradientNorm(std::string_view tag) {
  const std::string lower = LowerOf(tag);
  return Holds(lower, "grad") && Holds(lower, "norm");
}

bool IsLearningRate(std::string_view tag) {
  const std::vector<std::string> words = WordsOf(tag);
  for (size_t i = 0; i < words.size(); ++i) {
    if (words[i] == "lr") return true;
    if (words[i] == "learning" && i + 1 < words.size() && words[i + 1] == "rate") return true;
  }
  return false;
}

bool IsHeldOutLoss(std::string_view tag) {
  if (!IsLoss(tag)) return false;
  const std::vector<std::string> words = WordsOf(tag);
  const auto is_held_out = [](const std::string& word) { return IsAmong(kHeldOutWords, word); };
  return std::any_of(words.begin(), words.end(), is_held_out) &&
         std::all_of(words.begin(), words.end(), [&](const std::string& word) {
           return is_held_out(word) || IsAmong(kTrainingWords, word) ||
                  IsAmong(kOfHeldOutWords, word);
         });
}

bool IsHeldOutRun(std::string_view run) {
  const std::vector<std::string> words = WordsOf(run.substr(run.rfind('/') + 1));
  return !words.empty() && IsAmong(kHeldOutRunWords, words.back());
}

bool IsOfTrainingData(std::string_view tag) {
  const std::vector<std::string> words = WordsOf(tag);
  const auto holds = [&words](const auto& known) {
    return std::any_of(words.begin(), words.end(),
                       [&known](const std::string& word) { return IsAmong(known, word); });
  };
  return holds(kTrainingDataWords) && !holds(kHeldOutWords);
}

bool IsQuality(std::string_view tag) {
  const std::vector<std::string> words = WordsOf(tag);
  return std::any_of(words.begin(), words.end(),
                     [](const std::string& word) { return IsAmong(kQualityWords, word); });
}

bool IsAccuracy(std::string_view tag) {
  const std::vector<std::string> words = WordsOf(tag);
  return std::any_of(words.begin(), words.end(),
                     [](const std::string& word) { return word == "accuracy" || word == "acc"; });
}

bool IsArea(std::string_view tag) {
  const std::vector<std::string> words = WordsOf(tag);
  const auto is_area = [](const std::string& word) { return word == "auc" || word == "auroc"; };
  return std::any_of(words.begin(), words.end(), is_area) &&
         std::find(words.begin(), words.end(), "pr") == words.end();
}

bool IsOfEpochs(std::string_view tag) {
  const std::vector<std::string> words = WordsOf(tag);
  return std::find(words.begin(), words.end(), "epoch") != words.end();
}

// Each tag of a run is asked these at each commit, so what most fail comes first.
bool IsDivergence(std::string_view tag) {
  return Holds(LowerOf(tag), "kl") && IsMadeOf(WordsOf(tag), kDivergenceWords, kOfDivergenceWords);
}

bool IsReconstruction(std::string_view tag) {
  const std::string lower = LowerOf(tag);
  if (!Holds(lower, "rec") && !Holds(lower, "elbo")) return false;
  const std::vector<std::string> words = WordsOf(tag);
  const bool is_loss = IsLoss(tag);  // "rec" alone is a recall
  return std::any_of(words.begin(), words.end(), [is_loss](const std::string& word) {
    return word.starts_with("recon") || (is_loss && word == "rec") || word == "elbo";
  });
}

bool IsDiscriminatorLoss(std::string_view tag) {
  return IsLoss(tag) && IsMadeOf(WordsOf(tag), kDiscriminatorWords, kOfSideWords);
}

bool IsGeneratorLoss(std::string_view tag) {
  return IsLoss(tag) && IsMadeOf(WordsOf(tag), kGeneratorWords, kOfSideWords);
}

std::string DataOf(std::string_view tag) {
  std::string data;
  for (const std::string& word : WordsOf(tag)) {
    if (!IsAmong(kMeasureWords, word)) data += word + " ";
  }
  return data;
}

bool IsTrainingLoss(std::string_view tag) {
  if (!IsLoss(tag)) return false;
  const std::vector<std::string> words = WordsOf(tag);
  return std::all_of(words.begin(), words.end(),
                     [](const std::string& word) { return IsAmong(kTrainingWords, word); });
}

bool IsOfTable(std::string_view tag) {
  const std::vector<std::string> words = WordsOf(tag);
  return std::any_of(words.begin(), words.end(), [](const std::string& word) {
    return word.starts_with("emb") || IsAmong(kTableWords, word);
  });
}

bool IsWaitForData(std::string_view tag) {
  const std::vector<std::string> words = WordsOf(tag);
  return HoldAny(words, kWaitedForWords) && (HoldAny(words, kTimeWords) || Hold(words, "wait")) &&
         !Hold(words, "per") &&
         std::all_of(words.begin(), words.end(), [](const std::string& word) {
           return IsAmong(kStepTimeWords, word) || IsAmong(kWaitWords, word);
         });
}

bool IsStepTime(std::string_view tag) {
  const std::vector<std::string> words = WordsOf(tag);
  return (Hold(words, "time") || (HoldAny(words, kTimeWords) && HoldAny(words, kOneStepWords))) &&
         !IsPerSecond(words) &&
         std::all_of(words.begin(), words.end(),
                     [](const std::string& word) { return IsAmong(kStepTimeWords, word); });
}

bool IsStepRate(std::string_view tag) {
  const std::string lower = LowerOf(tag);
  if (!Holds(lower, "per") && !Holds(lower, "throughput") && !Holds(lower, "/s")) return false;
  const std::vector<std::string> words = WordsOf(tag);
  const bool is_over_second = tag.ends_with("/s") || tag.ends_with("/sec");
  const bool is_counted = HoldAny(words, kCountedWords) && (IsPerSecond(words) || is_over_second);
  return (is_counted || Hold(words, "throughput")) &&
         std::all_of(words.begin(), words.end(), [](const std::string& word) {
           return IsAmong(kCountedWords, word) || IsAmong(kSecondWords, word) ||
                  IsAmong(kOfRateWords, word);
         });
}

bool IsMemory(std::string_view tag) {
  const std::string lower = LowerOf(tag);
  if (!Holds(lower, "mem") && !Holds(lower, "ram") && !Holds(lower, "rss")) return false;
  return IsMadeOf(WordsOf(tag), kMemoryWords, kOfMemoryWords);
}

std::optional<Tensor> TensorOf(std::string_view tag) {
  const std::vector<std::string> parts = PartsOf(tag);
  const auto holds = [&parts](const auto& words) {
    return std::any_of(parts.begin(), parts.end(),
                       [&words](const std::string& part) { return IsAmong(words, part); });
  };
  Tensor tensor;
  if (holds(kGradientWords)) {
    tensor.kind = Tensor::Kind::kGradient;
  } else if (holds(kWeightWords)) {
    tensor.kind = Tensor::Kind::kWeights;
  } else if (holds(kActivationWords)) {
    tensor.kind = Tensor::Kind::kActivations;
  } else {
    return std::nullopt;
  }
  for (const std::string& part : parts) {
    if (!IsAmong(kGradientWords, part) && !IsAmong(kGroupWords, part)) tensor.name += part + " ";
  }
  return tensor;
}

bool IsOfWeights(std::string_view tag) {
  const std::vector<std::string> parts = PartsOf(tag);
  return std::any_of(parts.begin(), parts.end(),
                     [](const std::string& part) { return part == "weight" || part == "kernel"; });
}

bool IsOfMovingTarget(std::string_view tag) {
  const std::vector<std::string> words = WordsOf(tag);
  return IsMadeOf(words, kScoreWords, kOfScoreWords) ||
         IsMadeOf(words, kActionValueWords, kOfScoreWords) ||
         std::any_of(words.begin(), words.end(),
                     [](const std::string& word) { return IsAmong(kMovingTargetWords, word); });
}

}  // namespace spirogram::diagnosis
