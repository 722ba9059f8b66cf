#include <algorithm>
#include <cmath>

#include "trainer/cpu/kernels.h"

namespace spirogram::trainer::cpu {

void SoftmaxCrossEntropy(ConstMatrix logits, const int32_t* labels, Matrix d_logits, float* loss,
                         float* correct) {
  const float scale = 1.0f / static_cast<float>(logits.rows);
  for (int b = 0; b < logits.rows; ++b) {
    const float* row = Row(logits, b);
    float* gradient = Row(d_logits, b);
    const float* largest = std::max_element(row, row + logits.columns);
    float sum = 0;
    for (int c = 0; c < logits.columns; ++c) sum += gradient[c] = std::exp(row[c] - *largest);
    for (int c = 0; c < logits.columns; ++c) gradient[c] *= scale / sum;
    gradient[labels[b]] -= scale;
    loss[b] = std::log(sum) + *largest - row[labels[b]];
    correct[b] = largest - row == labels[b] ? 1.0f : 0.0f;
  }
}

void SigmoidCrossEntropy(ConstMatrix logits, const float* labels, Matrix d_logits, float* loss,
                         float* correct) {
  const float scale = 1.0f / static_cast<float>(logits.rows);
  for (int b = 0; b < logits.rows; ++b) {
    const float logit = *Row(logits, b);
    const float label = labels[b];
    // log(1 + e^x) = max(x, 0) + log(1 + e^-|x|) does not overflow.
    loss[b] = std::max(logit, 0.0f) + std::log1p(std::exp(-std::abs(logit))) - logit * label;
    *Row(d_logits, b) = (1.0f / (1.0f + std::exp(-logit)) - label) * scale;
    correct[b] = (logit > 0) == (label > 0.5f) ? 1.0f : 0.0f;
  }
}

}  // namespace spirogram::trainer::cpu
