"""Writes what PyTorch makes of small losses and optimizers: losses.safetensors, own_loss.safetensors and optimizers.safetensors.

    python make_training.py [FOLDER]

needs: torch, numpy, safetensors. Losses and their gradients are computed in f64 and kept as f32; a case NAME has its operands as NAME.<operand>,
NAME.sum and NAME.count, and the gradient of its sum by an operand as grad.NAME.<operand>. Optimizers take three steps with
gradients NAME.g0 to NAME.g2, from NAME.w0 to NAME.w3, and have their states after the last step. Lion, and AdamW with states of 8 bits, which PyTorch lacks, are
written out after their papers.
"""

import os
import sys

import numpy
import torch
import torch.nn.functional as F
from safetensors.numpy import save_file

OUT = sys.argv[1] if len(sys.argv) > 1 else os.path.dirname(os.path.abspath(__file__))
torch.manual_seed(3)
tensors = {}


def put(name, value):
    value = value.detach().numpy() if isinstance(value, torch.Tensor) else numpy.asarray(value)
    kind = numpy.int32 if value.dtype.kind in "iu" else numpy.float32
    tensors[name] = numpy.array(value, dtype=kind, order="C")


def rounded(*shape, scale=1.0):
    """Numbers that f32 holds."""
    return (torch.randn(*shape, dtype=torch.float64) * scale).float().double()


def case(name, loss, given=(), **operands):
    """`loss` of operands gives sum and count; gradients by those of floats but `given` ones."""
    for operand, value in operands.items():
        if value.is_floating_point() and operand not in given:
            value.requires_grad_()
    total, count = loss(**operands)
    total.backward()
    put(name + ".sum", total)
    put(name + ".count", torch.as_tensor(float(count)))
    for operand, value in operands.items():
        put(f"{name}.{operand}", value)
        if value.requires_grad:
            put(f"grad.{name}.{operand}", value.grad)


def pairs():
    """Log-probabilities of three pairs; of the first the policy still is the reference."""
    chosen, rejected = -rounded(3).abs() * 9, -rounded(3).abs() * 9
    ref_chosen, ref_rejected = -rounded(3).abs() * 9, -rounded(3).abs() * 9
    ref_chosen[0], ref_rejected[0] = chosen[0], rejected[0]
    return dict(chosen=chosen.float().double(), rejected=rejected.float().double(), ref_chosen=ref_chosen.float().double(),
                ref_rejected=ref_rejected.float().double())


REF = ("ref_chosen", "ref_rejected")
case("reward", lambda chosen, rejected: (-F.logsigmoid(chosen - rejected).sum(), 4), chosen=rounded(4, scale=5), rejected=rounded(4, scale=5))
case("dpo", lambda chosen, rejected, ref_chosen, ref_rejected: (
    -F.logsigmoid(0.1 * ((chosen - ref_chosen) - (rejected - ref_rejected))).sum(), 3), REF, **pairs())
case("cdpo", lambda chosen, rejected, ref_chosen, ref_rejected: (
    (-0.8 * F.logsigmoid(2 * ((chosen - ref_chosen) - (rejected - ref_rejected)))
     - 0.2 * F.logsigmoid(-2 * ((chosen - ref_chosen) - (rejected - ref_rejected)))).sum(), 3), REF, **pairs())
case("ipo", lambda chosen, rejected, ref_chosen, ref_rejected: (
    (((chosen - ref_chosen) - (rejected - ref_rejected) - 1 / 0.2) ** 2).sum(), 3), REF, **pairs())
case("simpo", lambda chosen, rejected: (-F.logsigmoid(2.0 * (chosen - rejected) - 0.5).sum(), 3), chosen=-rounded(3).abs(), rejected=-rounded(3).abs())


def orpo(chosen, rejected, chosen_tokens, rejected_tokens):
    p, q = chosen / chosen_tokens, rejected / rejected_tokens
    odds = (p - q) - (torch.log1p(-torch.exp(p)) - torch.log1p(-torch.exp(q)))
    return 3 * (-chosen.sum() / chosen_tokens.sum() - 0.1 * F.logsigmoid(odds).mean()), 3


# The second answer is nearly certain, the third very unlikely.
case("orpo", orpo, ("chosen_tokens", "rejected_tokens"), chosen=torch.tensor([-7.5, -0.001953125, -60.0], dtype=torch.float64),
     rejected=torch.tensor([-9.25, -3.0, -0.5], dtype=torch.float64), chosen_tokens=torch.tensor([4.0, 5.0, 3.0], dtype=torch.float64),
     rejected_tokens=torch.tensor([6.0, 4.0, 5.0], dtype=torch.float64))
case("kto", lambda policy, reference, desirable, baseline: (
    torch.where(desirable != 0, 1 - torch.sigmoid(0.1 * (policy - reference - baseline)),
                1.5 * (1 - torch.sigmoid(0.1 * (baseline - policy + reference)))).sum(), 4), ("reference", "baseline"),
     policy=rounded(4, scale=9), reference=rounded(4, scale=9), desirable=torch.tensor([1, 0, 1, 0]), baseline=torch.tensor(0.75, dtype=torch.float64))
case("classes", lambda logits, labels: (F.cross_entropy(logits, labels, ignore_index=-100, reduction="sum"), 3), logits=rounded(4, 5, scale=9),
     labels=torch.tensor([2, -100, 0, 4]))
case("questions", lambda logits, targets: (F.binary_cross_entropy_with_logits(logits, targets, reduction="sum"), 8), ("targets",),
     logits=rounded(2, 4, scale=20), targets=torch.tensor([[0, 1, 1, 0], [0.25, 1, 0, 0]], dtype=torch.float64))
for kind, function in {"squared": F.mse_loss, "absolute": F.l1_loss, "huber": lambda p, t, reduction: F.huber_loss(p, t, reduction=reduction, delta=0.5)}.items():
    case(kind, lambda predictions, targets: (function(predictions, targets, reduction="sum"), 6), ("targets",), predictions=rounded(3, 2), targets=rounded(3, 2))
case("clm", lambda hidden, weight, labels: (F.cross_entropy(4 * torch.tanh(0.5 * hidden @ weight.T / 4), labels, ignore_index=-100, reduction="sum"), 3),
     hidden=rounded(4, 6), weight=rounded(7, 6), labels=torch.tensor([3, 0, -100, 6]))
mask = torch.tensor([[0, 1, 1, 1, 0], [1, 1, 0, 0, 0]])


def ppo(logp, old_logp, advantages, mask):
    ratio = torch.exp(logp - old_logp)
    return (torch.max(-advantages * ratio, -advantages * ratio.clamp(0.8, 1.2)) * mask).sum(), mask.sum()


# Where the policy is the old one, nothing is clipped.
old = -rounded(2, 5).abs()
case("ppo", ppo, ("old_logp", "advantages"), logp=old + torch.tensor([[0, 0, 0.5, -0.5, 1], [0.125, 0.5, 0, 0, 0]]), old_logp=old,
     advantages=rounded(2, 5), mask=mask)


def value(values, old_values, returns, mask):
    clipped = old_values + (values - old_values).clamp(-0.2, 0.2)
    return (0.5 * torch.max((values - returns) ** 2, (clipped - returns) ** 2) * mask).sum(), mask.sum()


case("value", value, ("old_values", "returns"), values=rounded(2, 5), old_values=rounded(2, 5, scale=0.5), returns=rounded(2, 5), mask=mask)
for name, reverse in (("kl", False), ("reverse_kl", True)):
    def kl(hidden, weight, teacher):
        student = F.log_softmax(4 * torch.tanh(0.5 * hidden @ weight.T / 4) / 2, -1)
        teacher = F.log_softmax(teacher / 2, -1)
        a, b = (student, teacher) if reverse else (teacher, student)
        return 4 * (a.exp() * (a - b)).sum(), 3
    case(name, kl, ("teacher",), hidden=rounded(3, 6), weight=rounded(7, 6), teacher=rounded(3, 7, scale=2))
save_file(tensors, os.path.join(OUT, "losses.safetensors"))

# A loss of one's own has operands of the names that are agreed on.
tensors.clear()
labels = torch.tensor([[1, -100, 2], [3, 4, -100]])
case("own", lambda logp, labels: (-((1 - logp.exp()) ** 2 * logp * (labels != -100)).sum(), 4), logp=-rounded(2, 3).abs(), labels=labels)
save_file({name.replace("own.", ""): value for name, value in tensors.items()}, os.path.join(OUT, "own_loss.safetensors"))

tensors.clear()


def steps(name, make, shape, states, rate=0.0625):
    w = rounded(*shape, scale=0.5).float().requires_grad_()
    optimizer = make([w], rate)
    for i in range(3):
        put(f"{name}.w{i}", w)
        w.grad = rounded(*shape).float()
        put(f"{name}.g{i}", w.grad)
        optimizer.step()
    put(f"{name}.w3", w)
    for state in states:
        value = optimizer.state[w][state]
        put(f"{name}.{state}", value.squeeze(-1) if state == "row_var" else value.squeeze(-2) if state == "col_var" else value)


O = torch.optim
steps("sgd", lambda p, lr: O.SGD(p, lr, weight_decay=0.1), (3, 5), ())
steps("momentum", lambda p, lr: O.SGD(p, lr, momentum=0.9, weight_decay=0.1), (3, 5), ("momentum_buffer",))
steps("nesterov", lambda p, lr: O.SGD(p, lr, momentum=0.9, nesterov=True), (3, 5), ("momentum_buffer",))
steps("adamw", lambda p, lr: O.AdamW(p, lr, betas=(0.9, 0.95), eps=1e-8, weight_decay=0.1), (2, 3, 5), ("exp_avg", "exp_avg_sq"))
steps("adafactor", lambda p, lr: O.Adafactor(p, lr, eps=(1e-3, 1e-3), weight_decay=0.1), (2, 4, 6), ("row_var", "col_var"))
steps("adafactor_matrix", lambda p, lr: O.Adafactor(p, lr, eps=(1e-3, 1e-3), weight_decay=0.1), (4, 6), ("row_var", "col_var"))
steps("adafactor_vector", lambda p, lr: O.Adafactor(p, lr, eps=(1e-3, 1e-3), d=1.5), (6,), ("variance",))

w, m = rounded(3, 5).numpy(), numpy.zeros((3, 5))
put("lion.w0", w)
for i in range(3):
    g = rounded(3, 5).numpy()
    put(f"lion.g{i}", g)
    w = w * (1 - 0.0625 * 0.1) - 0.0625 * numpy.sign(0.9 * m + 0.1 * g)
    m = 0.99 * m + 0.01 * g
put("lion.w3", w)
put("lion.momentum", m)


def dynamic_map(signed):
    """As bitsandbytes makes it (create_dynamic_map), with means of torch.linspace's intervals."""
    data = []
    for i in range(7):
        boundaries = torch.linspace(0.1, 1, 2 ** (i + (not signed)) + 1, dtype=torch.float64)
        means = 10.0 ** (i - 6) * (boundaries[:-1] + boundaries[1:]) / 2
        data += means.tolist() + ((-means).tolist() if signed else [])
    return numpy.sort(numpy.array(data + [0, 1.0]))


maps = dynamic_map(True), dynamic_map(False)
put("map.signed", maps[0])
put("map.unsigned", maps[1])
w, codes, scales = rounded(2, 256).numpy(), [numpy.zeros((2, 256), int)] * 2, [numpy.zeros(2)] * 2
put("adamw8.w0", w)
for i in range(3):
    g = rounded(2, 256).numpy() * 10.0 ** rounded(2, 256).numpy()
    g = g.astype(numpy.float32).astype(float)
    put(f"adamw8.g{i}", g)
    moments = [beta * maps[k][codes[k]] * scales[k][:, None] + (1 - beta) * g ** (k + 1) for k, beta in enumerate((0.9, 0.95))]
    c1, c2 = 1 - 0.9 ** (i + 1), 1 - 0.95 ** (i + 1)
    w = w * (1 - 0.0625 * 0.1) - 0.0625 * (moments[0] / c1) / (numpy.sqrt(moments[1] / c2) + 1e-8)
    scales = [abs(x).max(1) for x in moments]
    codes = [abs(maps[k][None, None] - (x / s[:, None])[..., None]).argmin(-1) for k, (x, s) in enumerate(zip(moments, scales))]
put("adamw8.w3", w)
for k, name in enumerate(("first", "second")):
    put(f"adamw8.{name}", codes[k] - 128)
    put(f"adamw8.{name}_scale", scales[k])
save_file(tensors, os.path.join(OUT, "optimizers.safetensors"))
