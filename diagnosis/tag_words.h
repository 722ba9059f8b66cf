// What a scalar is, by its tag: programs name theirs as they like. Pure functions.
#pragma once

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

// An accuracy of whichever data: "Accuracy/train", "val_acc", "eval/accuracy".
bool IsAccuracy(std::string_view tag);

// "epoch_loss", "train_loss_epoch": one point an epoch.
bool IsOfEpochs(std::string_view tag);

// What only a run without one objective logs: rewards, scores, values of actions, actors and
// critics, generators and discriminators. The loss of such a run may grow as it learns.
bool IsOfMovingTarget(std::string_view tag);

}  // namespace spirogram::diagnosis
