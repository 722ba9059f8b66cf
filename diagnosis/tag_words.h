// What a scalar is, by its tag: programs name theirs as they like. Pure functions.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace spirogram::diagnosis {

// Any loss; the factor by which half precision scales its loss is none.
bool IsLoss(std::string_view tag);

// "grad_norm", "layers/a/gradient_norm"
bool IsGradientNorm(std::string_view tag);

// "lr", "train/learning_rate", "lr-AdamW/pg1", "LearningRate"
bool IsLearningRate(std::string_view tag);

// The loss that training lowers, and no part of it and no loss of other data: a tag of which each
// word is one of "loss", "train", "total", "epoch" and their like.
bool IsTrainingLoss(std::string_view tag);

// A loss of data that are held out: as a training loss, with one of "val", "eval", "test" and their
// like, or one of the parts that Ultralytics logs instead of a whole.
bool IsHeldOutLoss(std::string_view tag);

// Whether a run holds what was measured on held-out data alone, by its name: Keras writes
// NAME/train and NAME/validation, add_scalars NAME/loss_val.
bool IsHeldOutRun(std::string_view run);

// Whether a tag says that its data are those of training: "Accuracy/train", and not
// "train/val_acc".
bool IsOfTrainingData(std::string_view tag);

// A measure of which more is better: an accuracy, "metrics/mAP50(B)", "eval/f1".
bool IsQuality(std::string_view tag);

// An accuracy of whichever data: "Accuracy/train", "val_acc", "eval/accuracy".
bool IsAccuracy(std::string_view tag);

// An area under the ROC curve, of which guesses have half: "val/auc", and not "pr_auc".
bool IsArea(std::string_view tag);

// "epoch_loss", "train_loss_epoch": one point an epoch.
bool IsOfEpochs(std::string_view tag);

// The words of a loss or an accuracy that tell of which data it is: alike, "val", of "Loss/val" and
// "val_acc"; empty of "epoch_loss" and "epoch_accuracy".
std::string DataOf(std::string_view tag);

// A divergence from a prior, as a VAE logs it: "kl_loss", "train/kld", "kl_divergence".
bool IsDivergence(std::string_view tag);
// What a decoder makes of its code: "recon_loss", "reconstruction".
bool IsReconstruction(std::string_view tag);
// Of either side of a GAN: "Loss/D", "d_loss", "discriminator_loss"; "loss_G", "generator_loss".
bool IsDiscriminatorLoss(std::string_view tag);
bool IsGeneratorLoss(std::string_view tag);

// What a histogram shows, by its tag: "grads/fc1.weight", "fc1.weight.grad", "activations/relu1".
struct Tensor {
  enum class Kind { kWeights, kGradient, kActivations } kind = Kind::kWeights;
  std::string name;  // without the words that tell the kind: alike of weights and their gradient
};
// Nothing where the tag tells of none of them.
std::optional<Tensor> TensorOf(std::string_view tag);

// "grad_2.0_norm/fc1.weight", "dense/kernel/gradient": of a matrix, not of a bias or of all.
bool IsOfWeights(std::string_view tag);

// Whether an embedding is a table of things, by its tag: "embeddings/item", "model.embed_tokens".
// Else it may be what a layer makes of samples.
bool IsOfTable(std::string_view tag);

// "data_time", "time/data_wait", "perf/dataloader_ms": how long a step waits for its data.
bool IsWaitForData(std::string_view tag);

// "time", "batch_time", "perf/iter_ms", "sec_per_step": how long a step takes.
bool IsStepTime(std::string_view tag);

// "steps_per_second", "train/tokens_per_sec", "it/s", "throughput": how much there is in a second.
bool IsStepRate(std::string_view tag);

// "memory/rss_mb", "system/gpu_0/memory_mib", "cuda_memory_allocated": memory in use.
bool IsMemory(std::string_view tag);

// What only a run without one objective logs: rewards, scores, values of actions, actors and
// critics, generators and discriminators. The loss of such a run may grow as it learns.
bool IsOfMovingTarget(std::string_view tag);

}  // namespace spirogram::diagnosis
