import pytest, time
from crash.killing import *
from integration.conftest import world
def test_try(world):
    t=time.time()
    for i, n in enumerate(moments_of(world, "erase","--as-of","2025-12-31","--yes","--residue-seconds","0","email=ana@example.org")): print(i+1,n)
    print(time.time()-t)
