"""The first tables of the desk."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Directive",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("ref", models.CharField(max_length=40, unique=True)),
                ("hash", models.BinaryField(max_length=32, unique=True)),
                ("sealed", models.BinaryField()),
                ("made", models.DateTimeField()),
                ("changed", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="File",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("ref", models.CharField(max_length=40, unique=True)),
                ("right", models.CharField(max_length=30)),
                ("channel", models.CharField(max_length=10)),
                ("behalf", models.CharField(blank=True, default="", max_length=10)),
                ("controller", models.CharField(blank=True, default="", max_length=60)),
                ("subject", models.CharField(db_index=True, max_length=64)),
                ("scope", models.JSONField(default=list)),
                ("categories", models.JSONField(default=list)),
                ("wish", models.CharField(blank=True, default="", max_length=64)),
                ("verified", models.CharField(blank=True, default="", max_length=20)),
                ("account", models.CharField(blank=True, default="", max_length=60)),
                ("received", models.DateTimeField()),
                ("state", models.CharField(max_length=20)),
                ("acts", models.JSONField(default=list)),
                ("due", models.DateField()),
                ("settled", models.DateTimeField(null=True)),
                ("assigned", models.CharField(blank=True, default="", max_length=22)),
                ("assigned_at", models.DateTimeField(null=True)),
                ("begun", models.BooleanField(default=False)),
                ("sealed", models.BinaryField()),
            ],
            options={
                "indexes": [
                    models.Index(condition=models.Q(("settled__isnull", True)), fields=["due"], name="desk_file_open"),
                    models.Index(fields=["settled"], name="desk_file_settled"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Unconfirmed",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("handle", models.CharField(max_length=22, unique=True)),
                ("subject", models.CharField(max_length=64, unique=True)),
                ("verified", models.CharField(max_length=20)),
                ("account", models.CharField(blank=True, default="", max_length=60)),
                ("until", models.DateTimeField(db_index=True)),
                ("sealed", models.BinaryField()),
            ],
        ),
        migrations.CreateModel(
            name="Document",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("link", models.CharField(max_length=64, unique=True)),
                ("name", models.CharField(blank=True, default="", max_length=60)),
                ("kind", models.CharField(blank=True, default="", max_length=4)),
                ("asked", models.DateTimeField()),
                ("until", models.DateTimeField()),
                ("given", models.DateTimeField(null=True)),
                ("destroyed", models.DateTimeField(null=True)),
                (
                    "file",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="documents", to="desk.file"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Package",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("link", models.CharField(max_length=64, unique=True)),
                ("name", models.CharField(max_length=60)),
                ("size", models.BigIntegerField()),
                ("digest", models.CharField(max_length=64)),
                ("made", models.DateTimeField()),
                ("until", models.DateTimeField()),
                ("secret", models.BinaryField(null=True)),
                ("fetched", models.JSONField(default=list)),
                (
                    "file",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE, related_name="package", to="desk.file"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Hand",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("stop", models.CharField(max_length=20)),
                ("who", models.CharField(max_length=22)),
                ("at", models.DateTimeField()),
                ("found", models.BooleanField(default=True)),
                ("number", models.CharField(blank=True, default="", max_length=60)),
                ("note", models.BinaryField(null=True)),
                ("outcome", models.CharField(blank=True, default="", max_length=10)),
                ("reasons", models.BinaryField(null=True)),
                ("about", models.CharField(blank=True, default="", max_length=40)),
                ("anew", models.CharField(blank=True, default="", max_length=40)),
                ("day", models.DateField(null=True)),
                (
                    "file",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="hands",
                        to="desk.file",
                    ),
                ),
            ],
            options={"constraints": (models.UniqueConstraint(fields=("file", "stop"), name="desk_hand_once"),)},
        ),
        migrations.CreateModel(
            name="Name",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("hash", models.BinaryField(max_length=32)),
                (
                    "file",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="names",
                        to="desk.file",
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("hash", "file"), name="desk_name_once")],
            },
        ),
        migrations.CreateModel(
            name="Refusal",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("hash", models.BinaryField(max_length=32)),
                ("purpose", models.CharField(max_length=60)),
                ("ground", models.CharField(max_length=20)),
                ("made", models.DateTimeField()),
                ("ended", models.DateTimeField(null=True)),
                (
                    "file",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="refusals", to="desk.file"
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["hash", "purpose"], name="desk_refusal_of")],
                "constraints": [models.UniqueConstraint(fields=("file", "hash", "purpose"), name="desk_refusal_once")],
            },
        ),
        migrations.CreateModel(
            name="Disclosure",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("ref", models.CharField(max_length=40, unique=True)),
                ("day", models.DateField()),
                ("told_from", models.DateField(null=True)),
                ("sealed", models.BinaryField()),
                ("made", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="Disclosed",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("hash", models.BinaryField(max_length=32)),
                (
                    "disclosure",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="people",
                        to="desk.disclosure",
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("hash", "disclosure"), name="desk_disclosed_once")],
            },
        ),
    ]
