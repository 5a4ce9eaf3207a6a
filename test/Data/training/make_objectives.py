"""Writes what PyTorch computes for objectives that the reference data have not: kto_unpaired, ppo_rollout, padded reward, classification, multi_label, regression.

    python make_objectives.py MODELS [FOLDER]

needs: torch, transformers. MODELS holds the tiny checkpoints llama, reward-llama and bert-classifier. A file has the inputs of one
step, its loss, and the gradients of a few small parameters. KTO's reference is the checkpoint, its policy the checkpoint
with every matrix x 1.02 (ph verify --scale-matrices 1.02); z0 is the mean over mismatched answers, not below 0 (arXiv:2402.01306).
"""

import copy
import os
import sys

import torch
import torch.nn.functional as F
import transformers
from safetensors.torch import save_file

MODELS = sys.argv[1]
OUT = sys.argv[2] if len(sys.argv) > 2 else os.path.dirname(os.path.abspath(__file__))
torch.set_num_threads(1)
generator = torch.Generator().manual_seed(5)


def load(name, kind):
    return getattr(transformers, kind).from_pretrained(os.path.join(MODELS, name), attn_implementation="eager", dtype=torch.float32).eval()


def put(name, model, loss, tensors):
    model.zero_grad()
    loss.backward()
    grads = {"grad." + key: p.grad for key, p in model.named_parameters() if p.grad is not None and p.numel() <= 4096 and "embed" not in key}
    tensors = {key: value.to(torch.int32) if not value.is_floating_point() else value for key, value in {**tensors, **grads, "loss": loss}.items()}
    save_file({key: value.detach().contiguous().clone() for key, value in tensors.items()}, os.path.join(OUT, name + ".safetensors"))


def logp(model, ids, mask):
    each = torch.log_softmax(model(ids).logits[:, :-1], -1).gather(2, ids[:, 1:, None])[..., 0]
    return (each * mask[:, 1:]).sum(1)


reference = load("llama", "LlamaForCausalLM")
policy = copy.deepcopy(reference)
with torch.no_grad():
    for parameter in policy.parameters():
        if parameter.ndim == 2:
            parameter.mul_(1.02)
answers = torch.randint(3, 319, (3, 12), generator=generator)
mask = torch.zeros(3, 12)
for row, (begin, end) in enumerate([(4, 12), (6, 10), (5, 11)]):
    mask[row, begin:end] = 1
mismatched = answers.clone()
mismatched[:, 4:] = answers.roll(1, 0)[:, 4:]
# Of likely answers, so that the policy is above its reference on them and z0 is above 0.
with torch.no_grad():
    for at in range(4, 12):
        mismatched[:, at] = policy(mismatched[:, :at]).logits[:, -1].argmax(-1)
desirable = torch.tensor([1, 0, 1])
with torch.no_grad():
    ref, ref_mismatched = logp(reference, answers, mask), logp(reference, mismatched, mask)
    z0 = (logp(policy, mismatched, mask) - ref_mismatched).mean().clamp(min=0)
assert z0 > 0.01, z0
ratio = logp(policy, answers, mask) - ref
losses = torch.where(desirable == 1, 1 - torch.sigmoid(0.1 * (ratio - z0)), 1 - torch.sigmoid(0.1 * (z0 - ratio)))
put("kto-unpaired", policy, losses.mean(), dict(
    answers=answers, answers_mask=mask.int(), desirable=desirable, ref_answers_logp=ref, mismatched=mismatched, mismatched_mask=mask.int(),
    ref_mismatched_logp=ref_mismatched, z0=z0[None]))

# PPO on a rollout, with a value head that is 0: row s of a tensor is of the prediction of label s + 1.
drawn = torch.Generator().manual_seed(6)
tokens = torch.randint(3, 319, (3, 12), generator=drawn)
labels = torch.where(mask == 1, tokens, -100)
there = torch.cat([mask[:, 1:], torch.zeros(3, 1)], 1)


def each(model):
    logp = torch.log_softmax(model(tokens).logits[:, :-1], -1).gather(2, tokens[:, 1:, None])[..., 0]
    return torch.cat([logp, torch.zeros(3, 1)], 1) * there


with torch.no_grad():
    old = each(reference)
    first = old + 0.3 * torch.randn(3, 12, generator=drawn) * there
    values, scores = torch.randn(3, 12, generator=drawn) * there, torch.tensor([1.0, -0.5, 2.0])
    rewards = -0.05 * (old - first) * there
    rewards[torch.arange(3), (there * torch.arange(12)).argmax(1)] += scores
    advantages, run = torch.zeros(3, 12), torch.zeros(3)
    for t in reversed(range(12)):
        following = values[:, t + 1] * there[:, t + 1] if t < 11 else torch.zeros(3)
        run = (rewards[:, t] + following - values[:, t] + 0.95 * run) * there[:, t]
        advantages[:, t] = run
    mean = (advantages * there).sum() / there.sum()
    white = (advantages - mean) / (((advantages - mean) ** 2 * there).sum() / there.sum() + 1e-8).sqrt()
    returns = advantages + values
policy.head = torch.nn.Linear(64, 1)
torch.nn.init.zeros_(policy.head.weight), torch.nn.init.zeros_(policy.head.bias)
ratio = torch.exp(each(policy) - old)
gain = (torch.max(-white * ratio, -white * ratio.clamp(0.8, 1.2)) * there).sum() / there.sum()
value = policy.head(policy.model(tokens).last_hidden_state)[..., 0]
error = (torch.max((value - returns) ** 2, (value.clamp(values - 0.2, values + 0.2) - returns) ** 2) * there).sum() / there.sum() / 2
policy.zero_grad()
loss = gain + 0.1 * error
loss.backward()
grads = {"grad." + key.replace("head.", "v_head.summary.") if key.startswith("head.") else "grad." + key: p.grad.clone()
         for key, p in policy.named_parameters() if p.grad is not None and p.numel() <= 4096 and "embed" not in key}
save_file({**grads, "tokens": tokens.int(), "labels": labels.int(), "old_logp": old, "reference_logp": first, "old_values": values, "scores": scores,
           "loss": loss.detach().clone()}, os.path.join(OUT, "ppo-rollout.safetensors"))

ids = torch.randint(3, 319, (4, 10), generator=generator)
real = torch.ones(4, 10, dtype=torch.int64)
for row, length in enumerate([10, 7, 4, 9]):
    real[row, length:] = 0
padded = torch.where(real == 1, ids, 0)
reward = load("reward-llama", "LlamaForSequenceClassification")
scores = reward(padded, attention_mask=real).logits[:, 0]
put("reward-padded", reward, -F.logsigmoid(scores[:2] - scores[2:]).mean(), dict(chosen=padded[:2], rejected=padded[2:], attention_mask=real))
reward = load("reward-llama", "LlamaForSequenceClassification")
targets = torch.randn(4, 1, generator=generator)
put("regression", reward, F.mse_loss(reward(padded, attention_mask=real).logits, targets), dict(tokens=padded, attention_mask=real, targets=targets))

bert = load("bert-classifier", "BertForSequenceClassification")
classes = torch.tensor([2, 0, 1, 2])
put("classification", bert, F.cross_entropy(bert(padded, attention_mask=real).logits, classes), dict(tokens=padded, attention_mask=real, classes=classes))
bert = load("bert-classifier", "BertForSequenceClassification")
targets = torch.tensor([[1.0, 0, 1], [0, 0, 0], [0, 0.25, 1], [1, 1, 1]])
put("multi-label", bert, F.binary_cross_entropy_with_logits(bert(padded, attention_mask=real).logits, targets),
    dict(tokens=padded, attention_mask=real, targets=targets))
