"""Who runs the cases: the names that the tables use. ``table`` says what makes each of them."""

HAND = "by hand"
EAGER, NN, COMPILED, FLAT = "eager", "nn", "compiled", "flat"
TORCH, TORCH_NN, TORCH_COMPILE = "PyTorch", "torch.nn", "torch.compile"
JAX, JAX_PINNED, AUTOGRAD, MYGRAD = "jax.jit", "jax, pinned", "autograd", "MyGrad"
KARPATHY = "karpathy"  # the first micrograd, for graphs of scalars only

EVERYBODY = (HAND, EAGER, NN, COMPILED, FLAT, TORCH, TORCH_NN, TORCH_COMPILE, JAX, JAX_PINNED)
EVERYBODY += (AUTOGRAD, MYGRAD)
OURS = (EAGER, NN, COMPILED, FLAT)
IN_NUMPY = (HAND, *OURS, AUTOGRAD, MYGRAD)  # whose memory tracemalloc sees
