"""The first tables of the journal."""

# mypy: allow-subclassing-any

from __future__ import annotations

from typing import ClassVar

from django.db import migrations, models
from django.db.models import Q
from django.db.models.deletion import CASCADE


class Migration(migrations.Migration):
    """Jobs, their steps, and the ticks of schedules."""

    initial = True
    dependencies: ClassVar[list[tuple[str, str]]] = []
    operations: ClassVar[list[object]] = [
        migrations.CreateModel(
            name="Job",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("ref", models.CharField(max_length=24, unique=True)),
                ("kind", models.CharField(max_length=60)),
                ("key", models.CharField(max_length=120)),
                ("version", models.PositiveSmallIntegerField(default=1)),
                ("plan", models.JSONField(default=dict)),
                ("state", models.CharField(default="underway", max_length=12)),
                ("priority", models.PositiveSmallIntegerField(default=1)),
                ("created", models.BigIntegerField()),
                ("due", models.BigIntegerField()),
                ("settled", models.BigIntegerField(null=True)),
            ],
            options={
                "indexes": (models.Index(fields=("settled",), name="jobs_job_settled"),),
                "constraints": (models.UniqueConstraint(fields=("kind", "key"), name="jobs_job_once"),),
            },
        ),
        migrations.CreateModel(
            name="Tick",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("schedule", models.CharField(max_length=60)),
                ("at", models.BigIntegerField()),
            ],
            options={"constraints": (models.UniqueConstraint(fields=("schedule", "at"), name="jobs_tick_once"),)},
        ),
        migrations.CreateModel(
            name="Step",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("job", models.ForeignKey(db_index=False, on_delete=CASCADE, related_name="steps", to="jobs.job")),
                ("number", models.PositiveIntegerField()),
                ("stage", models.PositiveIntegerField()),
                ("kind", models.CharField(max_length=80)),
                ("store", models.CharField(blank=True, default="", max_length=60)),
                ("reference", models.CharField(blank=True, default="", max_length=200)),
                ("state", models.CharField(max_length=12)),
                ("waits_for", models.CharField(blank=True, default="", max_length=60)),
                ("priority", models.PositiveSmallIntegerField()),
                ("attempt", models.PositiveIntegerField(default=0)),
                ("tries", models.PositiveIntegerField(default=0)),
                ("free_at", models.BigIntegerField(null=True)),
                ("claimed_by", models.CharField(blank=True, default="", max_length=60)),
                ("error", models.CharField(blank=True, default="", max_length=200)),
                ("progress", models.JSONField(null=True)),
                ("answer", models.JSONField(null=True)),
                ("result", models.JSONField(null=True)),
                ("settled", models.BigIntegerField(null=True)),
            ],
            options={
                "indexes": (
                    models.Index(
                        fields=("priority", "free_at"), condition=Q(free_at__isnull=False), name="jobs_step_queue"
                    ),
                    models.Index(fields=("job", "stage"), condition=Q(settled__isnull=True), name="jobs_step_open"),
                ),
                "constraints": (
                    models.UniqueConstraint(fields=("job", "number"), name="jobs_step_number"),
                    models.CheckConstraint(
                        name="jobs_step_free",
                        condition=Q(state__in=("ready", "claimed"), free_at__isnull=False)
                        | Q(state="waiting_for")
                        | Q(state__in=("waiting", "done", "kept", "failed", "cancelled"), free_at__isnull=True),
                    ),
                ),
            },
        ),
    ]
